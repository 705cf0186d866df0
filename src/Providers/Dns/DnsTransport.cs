using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using CertOperator.Providers.Egress;

namespace CertOperator.Providers.Dns;

/// <summary>Carries one message to a name server and its answer back, over UDP or TCP (RFC 1035, section 4.2; RFC 7766). Servers that tenants named, or that were found, pass the egress check first.</summary>
public sealed class DnsTransport(EgressPolicy egress, TimeProvider timeProvider)
{
    /// <summary>How long a try may take.</summary>
    public static readonly TimeSpan TryTimeout = TimeSpan.FromSeconds(2);

    private const int Datagrams = 2;
    private const int MaxDatagramLength = 4096;

    /// <summary>Forged and late answers that are passed over; more in one try are an attack.</summary>
    private const int MaxStrays = 200;

    /// <param name="server">Whom to send to.</param>
    /// <param name="message">What to send.</param>
    /// <param name="accept">Reads an answer; null where it is none to this message.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null where no answer came.</returns>
    /// <exception cref="EgressDeniedException">The server's address may not be reached.</exception>
    /// <exception cref="DnsException">The network refused.</exception>
    public async Task<T?> OverUdpAsync<T>(DnsServer server, ReadOnlyMemory<byte> message, Func<ReadOnlyMemory<byte>, T?> accept, CancellationToken cancellationToken)
        where T : class
    {
        Check(server);
        // Connected, so that the kernel takes datagrams from this server alone, at a source port that cannot be guessed.
        using var socket = new Socket(server.EndPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            await socket.ConnectAsync(server.EndPoint, cancellationToken);
            var buffer = new byte[MaxDatagramLength];
            for (var i = 0; i < Datagrams; i++)
            {
                await socket.SendAsync(message, cancellationToken);
                if (await ReceiveAsync(socket, buffer, accept, cancellationToken) is { } answer)
                {
                    return answer;
                }
            }

            return null;
        }
        catch (SocketException e)
        {
            throw new DnsException($"{server} cannot be reached ({e.SocketErrorCode}).", e);
        }
    }

    /// <inheritdoc cref="OverUdpAsync{T}"/>
    public async Task<T?> OverTcpAsync<T>(DnsServer server, ReadOnlyMemory<byte> message, Func<ReadOnlyMemory<byte>, T?> accept, CancellationToken cancellationToken)
        where T : class
    {
        Check(server);
        using var timeout = new CancellationTokenSource(2 * TryTimeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        using var socket = new Socket(server.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server.EndPoint, either.Token);
            await using var stream = new NetworkStream(socket);
            var framed = new byte[message.Length + 2];
            BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)message.Length);
            message.CopyTo(framed.AsMemory(2));
            await stream.WriteAsync(framed, either.Token);

            await stream.ReadExactlyAsync(framed.AsMemory(0, 2), either.Token);
            var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(framed)];
            await stream.ReadExactlyAsync(answer, either.Token);
            return accept(answer);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (SocketException e)
        {
            throw new DnsException($"{server} cannot be reached over TCP ({e.SocketErrorCode}).", e);
        }
        catch (IOException e)
        {
            throw new DnsException($"{server} closed the connection before it answered.", e);
        }
    }

    private void Check(DnsServer server)
    {
        if (!server.Trusted && egress.Check(server.EndPoint.Address) is { } refusal)
        {
            throw new EgressDeniedException(server.Name, server.EndPoint.Address, refusal);
        }
    }

    private async Task<T?> ReceiveAsync<T>(Socket socket, byte[] buffer, Func<ReadOnlyMemory<byte>, T?> accept, CancellationToken cancellationToken)
        where T : class
    {
        using var timeout = new CancellationTokenSource(TryTimeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            for (var i = 0; i < MaxStrays; i++)
            {
                var length = await socket.ReceiveAsync(buffer, either.Token);
                if (accept(buffer.AsMemory(0, length)) is { } answer)
                {
                    return answer;
                }
            }

            throw new DnsException(string.Create(CultureInfo.InvariantCulture, $"{socket.RemoteEndPoint}: more than {MaxStrays} answers came that were not asked for."));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}

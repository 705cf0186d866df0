using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using CertOperator.Providers.Dns;
using CertOperator.Providers.Dns.Protocol;
using CertOperator.TestSupport;

namespace CertOperator.Providers.Tests.Dns;

/// <summary>A name server on UDP and TCP that answers what the test says, in bytes: also what no honest server would.</summary>
internal sealed class FakeNameServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly TcpListener _tcp;
    private readonly Task _work;

    public FakeNameServer(string address = "127.0.0.1", int? port = null)
    {
        EndPoint = new IPEndPoint(IPAddress.Parse(address), port ?? FreePort.Next());
        _udp.Bind(EndPoint);
        _tcp = new TcpListener(EndPoint);
        _tcp.Start();
        _work = Task.WhenAll(ServeUdpAsync(), ServeTcpAsync());
    }

    public IPEndPoint EndPoint { get; }

    public DnsServer Server => new("ns.test", EndPoint, Trusted: true);

    public ConcurrentQueue<(DnsMessage Message, byte[] Bytes, bool Tcp)> Requests { get; } = new();

    /// <summary>Datagrams to send for a request over UDP, in this order; none leaves it unanswered.</summary>
    public Func<DnsMessage, IEnumerable<byte[]>> OverUdp { get; set; } = _ => [];

    /// <summary>What to answer over TCP; null closes the connection.</summary>
    public Func<DnsMessage, byte[]?> OverTcp { get; set; } = _ => null;

    /// <summary>Answers both ways alike.</summary>
    public Func<DnsMessage, DnsMessage> Answer
    {
        set
        {
            OverUdp = request => [DnsWriter.Write(value(request))];
            OverTcp = request => DnsWriter.Write(value(request));
        }
    }

    /// <summary>An answer to a request with these records.</summary>
    public static DnsMessage To(DnsMessage request, DnsResponseCode code = DnsResponseCode.NoError, DnsRecord[]? answers = null, DnsRecord[]? authorities = null)
        => new() { Id = request.Id, Operation = request.Operation, IsResponse = true, ResponseCode = code, Questions = request.Questions, Answers = answers ?? [], Authorities = authorities ?? [] };

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _udp.Dispose();
        _tcp.Dispose();
        await _work;
        _stop.Dispose();
    }

    private async Task ServeUdpAsync()
    {
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var received = await _udp.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                var bytes = buffer[..received.ReceivedBytes];
                var request = DnsReader.Read(bytes);
                Requests.Enqueue((request, bytes, false));
                foreach (var answer in OverUdp(request))
                {
                    await _udp.SendToAsync(answer, SocketFlags.None, received.RemoteEndPoint, _stop.Token);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task ServeTcpAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _tcp.AcceptTcpClientAsync(_stop.Token);
                await AnswerAsync(client.GetStream());
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        var length = new byte[2];
        await stream.ReadExactlyAsync(length, _stop.Token);
        var bytes = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await stream.ReadExactlyAsync(bytes, _stop.Token);
        var request = DnsReader.Read(bytes);
        Requests.Enqueue((request, bytes, true));
        if (OverTcp(request) is { } answer)
        {
            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)answer.Length);
            await stream.WriteAsync(length, _stop.Token);
            await stream.WriteAsync(answer, _stop.Token);
        }
    }
}

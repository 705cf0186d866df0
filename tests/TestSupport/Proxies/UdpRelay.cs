using System.Net;
using System.Net.Sockets;

namespace CertOperator.TestSupport.Proxies;

/// <summary>
/// Gives a server another address: BIND listens only at addresses that an interface has, and the name servers of a zone, which all
/// listen at one port, need an address each.
/// </summary>
public sealed class UdpRelay : IAsyncDisposable
{
    private const int MaxDatagram = 65_535;
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly IPEndPoint _target;
    private readonly Task _work;

    private UdpRelay(IPEndPoint listen, IPEndPoint target)
    {
        _target = target;
        _socket.Bind(listen);
        _work = RelayAsync();
    }

    public static UdpRelay Start(IPEndPoint listen, IPEndPoint target) => new(listen, target);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task RelayAsync()
    {
        var buffer = new byte[MaxDatagram];
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                SocketReceiveFromResult received = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                await ForwardAsync(buffer.AsMemory(0, received.ReceivedBytes), received.RemoteEndPoint);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // The end of the test, or a server that is not there: then nobody answers.
            }
        }
    }

    private async Task ForwardAsync(ReadOnlyMemory<byte> datagram, EndPoint from)
    {
        using var timeout = new CancellationTokenSource(AnswerTimeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stop.Token);
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await server.ConnectAsync(_target, either.Token);
        await server.SendAsync(datagram, either.Token);
        var answer = new byte[MaxDatagram];
        int length = await server.ReceiveAsync(answer, either.Token);
        await _socket.SendToAsync(answer.AsMemory(0, length), SocketFlags.None, from, either.Token);
    }
}

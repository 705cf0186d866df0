using System.Net;
using System.Net.Sockets;
using CertOperator.Providers.Egress;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Egress;

internal sealed class EgressDialerTests
{
    private static readonly IReadOnlyList<IPNetwork> Loopback = [IPNetwork.Parse("127.0.0.1/32")];

    [Test]
    public async Task Dials_the_first_address_that_is_permitted_and_answers()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        // 127.0.0.2 is not allowed, so that nothing but the last address can be dialled.
        var dialer = new EgressDialer(new EgressPolicy(Loopback), new FakeResolver().Answer("ca.example", "10.0.0.1", "127.0.0.2", "127.0.0.1"), TimeProvider.System);
        await using var stream = await dialer.DialAsync("ca.example", port, CancellationToken.None);
        Assert.That(stream.Socket.RemoteEndPoint, Is.EqualTo(listener.LocalEndpoint));
    }

    [Test]
    public async Task Goes_on_to_the_next_address_when_one_refuses()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var dialer = new EgressDialer(new EgressPolicy([IPNetwork.Parse("127.0.0.0/8")]), new FakeResolver().Answer("ca.example", "127.0.0.3", "127.0.0.1"), TimeProvider.System);
        await using var stream = await dialer.DialAsync("ca.example", port, CancellationToken.None);
        Assert.That(stream.Socket.RemoteEndPoint, Is.EqualTo(listener.LocalEndpoint));
    }

    [Test]
    public void Says_how_to_allow_an_address()
    {
        var dialer = new EgressDialer(new EgressPolicy([]), new FakeResolver().Answer("vault.example", "10.0.0.5"), TimeProvider.System);
        Assert.That(
            async () => await dialer.DialAsync("vault.example", 443, CancellationToken.None),
            Throws.TypeOf<EgressDeniedException>().With.Message.EqualTo("vault.example resolves to 10.0.0.5, which is a private address (RFC 1918) and is not dialled; if that is meant, start the operator with --egress-allow 10.0.0.5/32 or a wider network."));
    }

    [TestCase("127.0.0.1")]
    [TestCase("[::1]")]
    [TestCase("::ffff:127.0.0.1")]
    [TestCase("2130706433")]
    [TestCase("0x7f.1")]
    public void Literal_addresses_in_any_spelling_are_checked(string host)
    {
        var dialer = new EgressDialer(new EgressPolicy([]), new FakeResolver(), TimeProvider.System);
        Assert.That(async () => await dialer.DialAsync(host, 443, CancellationToken.None), Throws.TypeOf<EgressDeniedException>());
    }

    [Test]
    public void A_name_that_does_not_resolve_is_told()
    {
        var dialer = new EgressDialer(new EgressPolicy([]), new FakeResolver(), TimeProvider.System);
        Assert.That(async () => await dialer.DialAsync("nowhere.example", 443, CancellationToken.None), Throws.TypeOf<EgressConnectException>().With.Message.Contains("nowhere.example does not resolve (HostNotFound)"));
    }

    [Test]
    public void A_port_that_refuses_is_told_with_the_address()
    {
        using var reserved = new TcpListener(IPAddress.Loopback, 0);
        reserved.Start();
        var port = ((IPEndPoint)reserved.LocalEndpoint).Port;
        reserved.Stop();
        var dialer = new EgressDialer(new EgressPolicy(Loopback), new FakeResolver(), TimeProvider.System);
        Assert.That(async () => await dialer.DialAsync("127.0.0.1", port, CancellationToken.None), Throws.TypeOf<EgressConnectException>().With.Message.Contains("127.0.0.1: ConnectionRefused"));
    }

    [Test]
    public async Task A_resolver_that_hangs_is_given_up_after_ten_seconds()
    {
        var clock = new ManualTimeProvider();
        var dialer = new EgressDialer(new EgressPolicy([]), new HangingResolver(), clock);
        var dial = dialer.DialAsync("slow.example", 443, CancellationToken.None);
        await clock.WaitForTimersAsync();
        clock.Advance(EgressDialer.StepTimeout);
        Assert.That(async () => await dial, Throws.TypeOf<EgressConnectException>().With.Message.Contains("within 10 s"));
    }

    [Test]
    public void Cancellation_stays_cancellation()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        var dialer = new EgressDialer(new EgressPolicy([]), new HangingResolver(), new ManualTimeProvider());
        Assert.That(async () => await dialer.DialAsync("slow.example", 443, cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    private sealed class HangingResolver : IAddressResolver
    {
        public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken ct)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
            return [];
        }
    }
}

using System.Globalization;
using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Probing;
using CertOperator.Providers.Tests.Egress;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Certificates;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Probing.Ocsp;

/// <summary>Endpoints that staple an OCSP response, and that do not.</summary>
internal sealed class StapleProbeTests : IDisposable
{
    private static readonly X509Extension Responder = new X509AuthorityInformationAccessExtension(["http://127.0.0.1:1/ocsp"], []);

    private readonly TestAuthority _root = TestAuthority.CreateRoot(TimeProvider.System);
    private readonly TestAuthority _authority;
    private readonly IssuedLeaf _leaf;

    public StapleProbeTests()
    {
        _authority = _root.CreateIntermediate();
        _leaf = _authority.Issue(new LeafRequest("www.example.com") { CommonName = "www.example.com", Extensions = [Responder] });
    }

    public void Dispose()
    {
        _leaf.Dispose();
        _root.Dispose();
    }

    [Test]
    [Category("Component")]
    public async Task What_openssl_staples_is_read_and_verified()
    {
        await using (var good = await OpensslServer.StartAsync(_leaf, _authority, revoked: false))
        {
            var result = await ProbeAsync(good.Port);
            Assert.That((result.Error, result.Protocol, result.Staple?.Status, result.Staple?.Message), Is.EqualTo(((string?)null, "TLSv1.3", (OcspStatus?)OcspStatus.Good, (string?)null)));
            Assert.That(result.Staple!.NextUpdate - result.Staple.ThisUpdate, Is.EqualTo(TimeSpan.FromDays(7)));
        }

        await using (var revoked = await OpensslServer.StartAsync(_leaf, _authority, revoked: true))
        {
            Assert.That((await ProbeAsync(revoked.Port)).Staple, Has.Property("Status").EqualTo(OcspStatus.Revoked).And.Property("Message").EqualTo("Revoked on 2026-01-02 03:04 UTC, reason keyCompromise."));
        }

        await using var modern = await OpensslServer.StartAsync(_leaf, _authority, revoked: false, "-tls1_3");
        Assert.That(await ProbeAsync(modern.Port), Has.Property("Reachable").True.And.Property("Staple").Null);
    }

    [Test]
    public async Task A_second_connection_is_made_only_for_a_certificate_that_names_a_responder()
    {
        await using var with = new TestTlsServer(_leaf.ServerSide());
        Assert.That((await ProbeAsync(with.Port)).Staple, Is.Null);
        Assert.That((with.Connections, with.ServerNames), Is.EqualTo((2, new[] { "www.example.com", "www.example.com" })));
        await ProbeAsync(with.Port, t => t with { WithStaple = false });
        Assert.That(with.Connections, Is.EqualTo(3));

        using var leaf = _authority.Issue(new LeafRequest("www.example.com"));
        await using var without = new TestTlsServer(leaf.ServerSide());
        Assert.That((await ProbeAsync(without.Port)).Staple, Is.Null);
        Assert.That(without.Connections, Is.EqualTo(1));
    }

    [Test]
    public async Task TLS_is_asked_for_on_the_second_connection_too()
    {
        await using var server = new PlainTextServer(_leaf.ServerSide(), async (s, stream) =>
        {
            await s.SayAsync(stream, "* OK ready\r\n");
            await s.AnswerAsync(stream, "a1 OK begin\r\n");
        });
        Assert.That((await ProbeAsync(server.Port, t => t with { StartTls = StartTlsProtocol.Imap })).Error, Is.Null);
        Assert.That(server.Heard, Is.EqualTo(new[] { "a1 STARTTLS", "a1 STARTTLS" }));
    }

    [Test]
    public async Task What_was_seen_stays_seen_when_the_second_connection_comes_to_nothing()
    {
        await using var modern = new TestTlsServer(_leaf.ServerSide(), protocols: SslProtocols.Tls13);
        Assert.That(await ProbeAsync(modern.Port), Has.Property("Reachable").True.And.Property("Error").Null.And.Property("Staple").Null);

        var clock = new ManualTimeProvider(TimeProvider.System.GetUtcNow());
        int connections = 0;
        await using var silent = new PlainTextServer(_leaf.ServerSide(), async (s, stream) =>
        {
            await s.SayAsync(stream, "* OK ready\r\n");
            await s.AnswerAsync(stream, "a1 OK begin\r\n");
            if (Interlocked.Increment(ref connections) == 2)
            {
                await s.HearAsync(stream, 5);
                clock.Advance(TimeSpan.FromSeconds(10));
                await s.HearAsync(stream, 10_000);
            }
        });
        Assert.That(await ProbeAsync(silent.Port, t => t with { StartTls = StartTlsProtocol.Imap }, clock), Has.Property("Reachable").True.And.Property("Error").Null.And.Property("Staple").Null);

        await using var odd = new PlainTextServer(_leaf.ServerSide(), async (s, stream) =>
        {
            await s.SayAsync(stream, "* OK ready\r\n");
            await s.AnswerAsync(stream, "a1 OK begin\r\n");
            if (Interlocked.Increment(ref connections) == 4)
            {
                await s.SayAsync(stream, "* BAD what is this\r\n");
            }
        });
        Assert.That((await ProbeAsync(odd.Port, t => t with { StartTls = StartTlsProtocol.Imap })).Staple, Has.Property("Status").EqualTo(OcspStatus.Invalid).And.Property("Message").Contains("not understood"));
    }

    private async Task<ProbeResult> ProbeAsync(int port, Func<ProbeTarget, ProbeTarget>? change = null, TimeProvider? clock = null)
    {
        clock ??= TimeProvider.System;
        var prober = new TlsProber(new EgressDialer(new EgressPolicy([IPNetwork.Parse("127.0.0.1/32")]), new FakeResolver(), clock), clock);
        var target = new ProbeTarget { Host = "www.example.com", Port = port, ConnectTo = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), CaBundlePem = _root.Pem, WithStaple = true };
        return await prober.ProbeAsync(change is null ? target : change(target), CancellationToken.None);
    }
}

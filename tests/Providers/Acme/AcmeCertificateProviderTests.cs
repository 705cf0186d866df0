using System.Net;
using CertOperator.Acme;
using CertOperator.Providers.Acme;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Tests.Egress;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Acme;

internal sealed class AcmeCertificateProviderTests
{
    [TestCase("nowhere.example", "its name does not resolve (nowhere.example does not resolve (HostNotFound); check the name and the DNS of the operator's Pod.)")]
    [TestCase("empty.example", "its name does not resolve (empty.example has no address.)")]
    [TestCase("ca.example", "the connection failed (No connection to ca.example port 1 (127.0.0.1: ConnectionRefused).)")]
    public async Task A_CA_whose_name_does_not_resolve_is_told_from_one_that_refuses_connections(string host, string said)
    {
        var resolver = new FakeResolver().Answer("ca.example", "127.0.0.1").Answer("empty.example");
        using var clients = new EgressHttpClients(new EgressDialer(new EgressPolicy([IPNetwork.Parse("127.0.0.1/32")]), resolver, TimeProvider.System), TimeProvider.System);
        var provider = new AcmeCertificateProvider(new AcmeAccounts(clients, new AcmeClientOptions(), TimeProvider.System, new Unobserved()));

        var failed = await Assert.ThrowsAsync<IssuanceException>(() => provider.DescribeAsync(new Uri($"https://{host}:1/dir"), null, CancellationToken.None));

        Assert.That(failed!.Failure, Is.EqualTo(IssuanceFailure.Transient));
        Assert.That(failed.Reason, Is.EqualTo(IssuanceReasons.ServerUnreachable));
        Assert.That(failed.Message, Is.EqualTo($"{host}:1 could not be asked for directory: {said}"));
    }

    private sealed class Unobserved : IAcmeRequestObserver
    {
        public void RequestCompleted(string host, string action, int status, TimeSpan elapsed)
        {
        }
    }
}

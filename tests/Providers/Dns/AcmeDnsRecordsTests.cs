using CertOperator.Providers.Dns;
using CertOperator.Providers.Dns.AcmeDns;
using CertOperator.Providers.Dns.Protocol;
using CertOperator.Providers.Issuance;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Dns;

public sealed class AcmeDnsRecordsTests
{
    private const string Subdomain = "8e5700ea-a4bf-41c7-8a77-e990661dcc6a";

    private readonly FakeDnsApi _api = new();

    [SetUp]
    public void Clear() => _api.Requests.Clear();

    [OneTimeTearDown]
    public void Dispose() => _api.Dispose();

    [Test]
    public async Task A_value_is_set_at_the_subdomain_of_the_account()
    {
        _api.Answer = _ => FakeDnsApi.Json("""{"txt": "LHDhK3oGRvkiefQnx7OOczTY5Tic_xZ6HcMOc_gmtoM"}""");

        await Records().AddAsync(new TxtRecord(DnsName.Parse($"{Subdomain}.auth.example.org"), "LHDhK3oGRvkiefQnx7OOczTY5Tic_xZ6HcMOc_gmtoM"), CancellationToken.None);

        var request = _api.Requests.Single();
        Assert.That(request.Line, Is.EqualTo("POST /update"));
        Assert.That(request.Body, Is.EqualTo($$"""{"subdomain":"{{Subdomain}}","txt":"LHDhK3oGRvkiefQnx7OOczTY5Tic_xZ6HcMOc_gmtoM"}"""));
        Assert.That((request.Headers["X-Api-User"], request.Headers["X-Api-Key"]), Is.EqualTo(("c36f50e8", "htB9mR9DYgcu9bX_afHF62erXaH2TS7bg9KW3F7Z")));
    }

    [Test]
    public async Task A_name_that_is_not_delegated_gets_the_CNAME_that_is_missing()
    {
        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => Records().AddAsync(new TxtRecord(DnsName.Parse("_acme-challenge.example.net"), "v"), CancellationToken.None));
        Assert.That(refusal!.Message, Does.Contain("Let _acme-challenge.example.net be a CNAME"));
        Assert.That(_api.Requests, Is.Empty);
    }

    [Test]
    public async Task There_is_nothing_to_take_away()
    {
        await Records().RemoveAsync(new TxtRecord(DnsName.Parse($"{Subdomain}.auth.example.org"), "v"), CancellationToken.None);
        Assert.That(_api.Requests, Is.Empty);
    }

    private AcmeDnsRecords Records()
        => new(new AcmeDnsConfig(new Uri("https://auth.example.org"), null, new AcmeDnsAccount("c36f50e8", "htB9mR9DYgcu9bX_afHF62erXaH2TS7bg9KW3F7Z", Subdomain)), _api.Api);
}

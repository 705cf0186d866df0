using System.Globalization;
using System.Net;
using System.Text.Json;
using CertOperator.Providers.Dns;
using CertOperator.Providers.Dns.Api;
using CertOperator.Providers.Dns.AzureDns;
using CertOperator.Providers.Dns.Protocol;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Issuance;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Dns;

public sealed class AzureDnsRecordsTests
{
    private const string Path = "/subscriptions/sub-1/resourceGroups/dns-group/providers/Microsoft.Network/dnsZones/example.net/TXT/_acme-challenge.www";
    private static readonly TxtRecord Record = new(DnsName.Parse("_acme-challenge.www.example.net"), "value-1");

    private readonly FakeDnsApi _api = new();
    private List<string>? _values;
    private int _tag;

    [SetUp]
    public void Serve()
    {
        (_values, _tag) = (null, 1);
        _api.Requests.Clear();
        _api.Answer = Answer;
    }

    [OneTimeTearDown]
    public void Dispose() => _api.Dispose();

    [Test]
    public async Task A_value_joins_those_that_are_there_and_leaves_them_again()
    {
        _values = ["of somebody else"];
        await Records().AddAsync(Record, CancellationToken.None);
        Assert.That(_values, Is.EqualTo(new[] { "of somebody else", "value-1" }));
        await Records().RemoveAsync(Record, CancellationToken.None);
        Assert.That(_values, Is.EqualTo(new[] { "of somebody else" }));
    }

    [Test]
    public async Task A_set_is_made_only_where_there_is_none_and_deleted_with_its_last_value()
    {
        await Records().AddAsync(Record, CancellationToken.None);
        Assert.That(_api.Requests.Single(r => r.Method == "PUT").Headers["If-None-Match"], Is.EqualTo("*"));
        await Records().RemoveAsync(Record, CancellationToken.None);
        Assert.That(_values, Is.Null);
        Assert.That(_api.Requests.Single(r => r.Method == "DELETE").Headers["If-Match"], Is.EqualTo("\"2\""));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_value_that_comes_in_between_is_not_lost(bool exists)
    {
        _values = exists ? ["first"] : null;
        var interfered = false;
        _api.Answer = request =>
        {
            if (request.Method == "PUT" && !interfered)
            {
                interfered = true;
                _values = [.. _values ?? [], "in between"];
                _tag++;
            }

            return Answer(request);
        };
        await Records().AddAsync(Record, CancellationToken.None);
        Assert.That(_values, Is.EqualTo(exists ? new[] { "first", "in between", "value-1" } : ["in between", "value-1"]));
    }

    [Test]
    public async Task A_zone_that_is_not_there_is_named()
    {
        _api.Answer = request => request.Url.Host == "login.microsoftonline.com" ? Answer(request) : FakeDnsApi.Json("""{"error":{"code":"ParentResourceNotFound","message":"Can not perform requested operation on nested resource."}}""", HttpStatusCode.NotFound);
        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => Records().AddAsync(Record, CancellationToken.None));
        Assert.That(refusal!.Message, Does.Contain("no zone that holds example.net").And.Contain("resourceGroup"));
    }

    [Test]
    public async Task A_name_outside_the_zone_is_named()
    {
        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => Records().AddAsync(new TxtRecord(DnsName.Parse("_acme-challenge.example.org"), "v"), CancellationToken.None));
        Assert.That(refusal!.Message, Does.Contain("zoneName"));
        Assert.That(_api.Requests, Is.Empty);
    }

    [Test]
    public async Task An_application_that_is_refused_is_named_and_its_secret_is_not()
    {
        _api.Answer = _ => FakeDnsApi.Json("""{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided."}""", HttpStatusCode.Unauthorized);
        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => Records().AddAsync(Record, CancellationToken.None));
        Assert.That(refusal!.Message, Does.Contain("AADSTS7000215").And.Contain("dns01.provider.secretName").And.Not.Contain("s3cret"));
    }

    /// <summary>Answers as the REST reference of Azure DNS says, with entity tags.</summary>
    private HttpResponseMessage Answer(FakeApiRequest request)
    {
        if (request.Url.Host == "login.microsoftonline.com")
        {
            Assert.That(request.Line, Is.EqualTo("POST /tenant-1/oauth2/v2.0/token"));
            var form = System.Web.HttpUtility.ParseQueryString(request.Body);
            Assert.That((form["grant_type"], form["client_id"], form["client_secret"], form["scope"]), Is.EqualTo(("client_credentials", "app-1", "s3cret&more", "https://management.azure.com/.default")));
            return FakeDnsApi.Json("""{"token_type":"Bearer","expires_in":3599,"access_token":"eyJ0.token"}""");
        }

        Assert.That(request.Headers["Authorization"], Is.EqualTo("Bearer eyJ0.token"));
        Assert.That(request.Url.PathAndQuery, Is.EqualTo($"{Path}?api-version=2018-05-01"));
        if (request.Method != "GET")
        {
            var matches = request.Headers.TryGetValue("If-Match", out var tag) ? _values is not null && tag == Tag : request.Headers["If-None-Match"] == "*" && _values is null;
            if (!matches)
            {
                return FakeDnsApi.Json("""{"code":"PreconditionFailed","message":"The condition in the If-Match header was not satisfied."}""", HttpStatusCode.PreconditionFailed);
            }

            _tag++;
            _values = request.Method == "DELETE" ? null
                : [.. JsonDocument.Parse(request.Body).RootElement.GetProperty("properties").GetProperty("TXTRecords").EnumerateArray().Select(r => r.GetProperty("value")[0].GetString()!)];
        }

        if (_values is null)
        {
            return request.Method == "DELETE" ? new HttpResponseMessage(HttpStatusCode.OK) : FakeDnsApi.Json("""{"code":"NotFound","message":"The resource record '_acme-challenge.www' does not exist."}""", HttpStatusCode.NotFound);
        }

        var records = string.Join(',', _values.Select(v => $$"""{"value":["{{v}}"]}"""));
        var answer = FakeDnsApi.Json($$$"""{"name":"_acme-challenge.www","type":"Microsoft.Network/dnsZones/TXT","etag":"x","properties":{"TTL":60,"TXTRecords":[{{{records}}}]}}""");
        answer.Headers.TryAddWithoutValidation("ETag", Tag);
        return answer;
    }

    private string Tag => string.Create(CultureInfo.InvariantCulture, $"\"{_tag}\"");

    private AzureDnsRecords Records()
    {
        var config = new AzureDnsConfig(AzureDnsConfig.DefaultEndpoint, AzureDnsConfig.DefaultAuthority, "sub-1", "dns-group", "example.net", new AzureApplication("tenant-1", "app-1", "s3cret&more"));
        var client = new DnsClient(new DnsTransport(new EgressPolicy([]), TimeProvider.System), () => 1, TimeProvider.System);
        return new(config, _api.Api, new AccessTokens(_api.Api, TimeProvider.System), new DnsLookup(client, []));
    }
}

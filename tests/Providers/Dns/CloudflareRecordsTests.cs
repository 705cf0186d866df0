using System.Net;
using System.Text.Json;
using CertOperator.Providers.Dns;
using CertOperator.Providers.Dns.Cloudflare;
using CertOperator.Providers.Dns.Protocol;
using CertOperator.Providers.Issuance;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Dns;

public sealed class CloudflareRecordsTests
{
    private const string ZoneId = "023e105f4ecef8ad9ca31a8372d0c353";
    private static readonly TxtRecord Record = new(DnsName.Parse("_acme-challenge.www.example.net"), "value-1");

    private readonly FakeDnsApi _api = new();
    private readonly List<(string Id, string Name, string Content)> _records = [];

    [SetUp]
    public void Serve()
    {
        _records.Clear();
        _api.Requests.Clear();
        _api.Answer = Answer;
    }

    [OneTimeTearDown]
    public void Dispose() => _api.Dispose();

    [Test]
    public async Task A_record_is_made_in_the_closest_zone_with_the_token_and_removed_again()
    {
        _records.Add(("other", Record.Name.ToString(), "\"value-2\""));

        await Records().AddAsync(Record, CancellationToken.None);
        Assert.That(_records.Select(r => (r.Name, r.Content)), Is.EquivalentTo(new[] { (Record.Name.ToString(), "\"value-1\""), (Record.Name.ToString(), "\"value-2\"") }));
        await Records().RemoveAsync(Record, CancellationToken.None);

        Assert.That(_records.Select(r => r.Id), Is.EqualTo(new[] { "other" }));
        Assert.That(_api.Requests.Select(r => r.Headers.GetValueOrDefault("Authorization")), Has.All.EqualTo("Bearer the-token"));
        Assert.That(_api.Requests.Take(3).Select(r => r.Line), Is.EqualTo(new[]
        {
            "GET /client/v4/zones?name=_acme-challenge.www.example.net",
            "GET /client/v4/zones?name=www.example.net",
            "GET /client/v4/zones?name=example.net",
        }));
        var created = JsonDocument.Parse(_api.Requests.Single(r => r.Method == "POST").Body).RootElement;
        Assert.That((created.GetProperty("type").GetString(), created.GetProperty("ttl").GetInt32()), Is.EqualTo(("TXT", 60)));
    }

    [Test]
    public async Task A_record_that_is_there_already_is_not_made_again()
    {
        _records.Add(("mine", Record.Name.ToString(), "value-1"));
        await Records().AddAsync(Record, CancellationToken.None);
        Assert.That(_api.Requests.Where(r => r.Method != "GET"), Is.Empty);
    }

    [Test]
    public async Task A_record_that_somebody_makes_in_between_is_fine()
    {
        _api.Answer = request => request.Method == "POST"
            ? FakeDnsApi.Json("""{"success":false,"errors":[{"code":81058,"message":"An identical record already exists."}],"messages":[],"result":null}""", HttpStatusCode.BadRequest)
            : Answer(request);
        Assert.That(await Records().AddAsync(Record, CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task Another_refusal_is_repeated()
    {
        _api.Answer = request => request.Method == "POST"
            ? FakeDnsApi.Json("""{"success":false,"errors":[{"code":9109,"message":"Record quota exceeded."}],"result":null}""", HttpStatusCode.BadRequest)
            : Answer(request);
        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => Records().AddAsync(Record, CancellationToken.None));
        Assert.That(refusal!.Message, Does.Contain("Record quota exceeded. (9109)"));
    }

    [Test]
    public async Task A_name_in_no_zone_of_the_account_is_named()
    {
        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => Records().AddAsync(new TxtRecord(DnsName.Parse("_acme-challenge.example.org"), "v"), CancellationToken.None));
        Assert.That(refusal!.Message, Does.Contain("no zone that holds _acme-challenge.example.org").And.Contain("Zone:Read"));
    }

    [TestCase("<html>")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("{\"success\":true,\"result\":3}")]
    public void An_answer_that_is_none_is_refused(string body)
    {
        _api.Answer = _ => FakeDnsApi.Json(body);
        Assert.That(async () => await Records().AddAsync(Record, CancellationToken.None), Throws.InstanceOf<IssuanceException>());
    }

    private HttpResponseMessage Answer(FakeApiRequest request)
    {
        var path = request.Url.AbsolutePath;
        var query = System.Web.HttpUtility.ParseQueryString(request.Url.Query);
        if (path == "/client/v4/zones")
        {
            return Result(query["name"] == "example.net" ? $$"""[{"id":"{{ZoneId}}","name":"example.net","status":"active"}]""" : "[]");
        }

        if (path == $"/client/v4/zones/{ZoneId}/dns_records" && request.Method == "GET" && query["type"] == "TXT")
        {
            return Result($"[{string.Join(',', _records.Where(r => r.Name == query["name"]).Select(r => JsonSerializer.Serialize(new { id = r.Id, type = "TXT", name = r.Name, content = r.Content })))}]");
        }

        if (path == $"/client/v4/zones/{ZoneId}/dns_records" && request.Method == "POST")
        {
            var body = JsonDocument.Parse(request.Body).RootElement;
            _records.Add(("new", body.GetProperty("name").GetString()!, body.GetProperty("content").GetString()!));
            return Result("""{"id":"new","content":"x"}""");
        }

        if (request.Method == "DELETE" && path.StartsWith($"/client/v4/zones/{ZoneId}/dns_records/", StringComparison.Ordinal))
        {
            _records.RemoveAll(r => r.Id == path.Split('/')[^1]);
            return Result("""{"id":"new"}""");
        }

        return new HttpResponseMessage(HttpStatusCode.NotFound);
    }

    private static HttpResponseMessage Result(string json) => FakeDnsApi.Json($$"""{"success":true,"errors":[],"messages":[],"result":{{json}}}""");

    private CloudflareRecords Records() => new(new CloudflareConfig(CloudflareConfig.DefaultEndpoint, "the-token"), _api.Api);
}

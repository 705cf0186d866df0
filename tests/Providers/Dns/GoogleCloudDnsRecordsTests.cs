using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CertOperator.Providers.Dns;
using CertOperator.Providers.Dns.Api;
using CertOperator.Providers.Dns.GoogleCloudDns;
using CertOperator.Providers.Dns.Protocol;
using CertOperator.Providers.Gcp;
using CertOperator.Providers.Issuance;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Dns;

public sealed class GoogleCloudDnsRecordsTests
{
    private const string TokenUri = "https://oauth2.googleapis.com/token";
    private static readonly RSA Key = RSA.Create(2048);
    private static readonly TxtRecord Record = new(DnsName.Parse("_acme-challenge.www.example.net"), "value-1");

    private readonly FakeDnsApi _api = new();
    private readonly ManualTimeProvider _time = new();
    private List<string> _values = [];

    [SetUp]
    public void Serve()
    {
        _values = [];
        _api.Requests.Clear();
        _api.Answer = Answer;
    }

    [OneTimeTearDown]
    public void Dispose()
    {
        _api.Dispose();
        Key.Dispose();
    }

    [Test]
    public async Task A_value_joins_those_that_are_there_and_leaves_them_again()
    {
        _values = ["\"of somebody else\""];
        var records = Records();

        var change = await records.AddAsync(Record, CancellationToken.None);
        Assert.That(_values, Is.EqualTo(new[] { "\"of somebody else\"", "\"value-1\"" }));
        Assert.That(await records.IsAppliedAsync(change!, CancellationToken.None), Is.True);
        await records.RemoveAsync(Record, CancellationToken.None);

        Assert.That(_values, Is.EqualTo(new[] { "\"of somebody else\"" }));
        Assert.That(_api.Requests.Count(r => r.Url.AbsoluteUri == TokenUri), Is.EqualTo(1), "one token is used until it ends");
    }

    [Test]
    public async Task A_set_is_made_and_taken_away_with_its_only_value()
    {
        await Records().AddAsync(Record, CancellationToken.None);
        Assert.That(_values, Is.EqualTo(new[] { "\"value-1\"" }));
        await Records().RemoveAsync(Record, CancellationToken.None);
        Assert.That(_values, Is.Empty);
    }

    [Test]
    public async Task A_value_that_comes_in_between_is_not_lost()
    {
        var interfered = false;
        _api.Answer = request =>
        {
            if (request.Method == "POST" && request.Url.AbsolutePath.EndsWith("/changes", StringComparison.Ordinal) && !interfered)
            {
                interfered = true;
                _values.Add("\"in between\"");
            }

            return Answer(request);
        };
        await Records().AddAsync(Record, CancellationToken.None);
        Assert.That(_values, Is.EqualTo(new[] { "\"in between\"", "\"value-1\"" }));
    }

    [Test]
    public async Task A_token_that_has_ended_is_replaced()
    {
        var records = Records();
        await records.RemoveAsync(Record, CancellationToken.None);
        _time.Advance(TimeSpan.FromHours(1));
        await records.RemoveAsync(Record, CancellationToken.None);
        Assert.That(_api.Requests.Count(r => r.Url.AbsoluteUri == TokenUri), Is.EqualTo(2));
    }

    [Test]
    public async Task An_account_that_is_refused_is_named()
    {
        _api.Answer = _ => FakeDnsApi.Json("""{"error":"invalid_grant","error_description":"Invalid JWT Signature."}""", HttpStatusCode.BadRequest);
        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => Records().AddAsync(Record, CancellationToken.None));
        Assert.That(refusal!.Message, Does.Contain("Invalid JWT Signature."));
    }

    [TestCase("nonsense", "is no JSON")]
    [TestCase("{}", "has no client_email")]
    [TestCase("""{"client_email":"a@b","private_key":"x"}""", "has no https token_uri")]
    [TestCase("""{"client_email":"a@b","private_key":"x","token_uri":"https://a"}""", "no RSA key")]
    public void A_key_file_that_is_none_is_refused(string file, string expected)
        => Assert.That(() => GoogleServiceAccount.Parse(file), Throws.InstanceOf<FormatException>().With.Message.Contains(expected));

    /// <summary>Answers as the reference of the Cloud DNS API says, to requests with the token that it has given out for a good assertion.</summary>
    private HttpResponseMessage Answer(FakeApiRequest request)
    {
        if (request.Url.AbsoluteUri == TokenUri)
        {
            VerifyAssertion(request);
            return FakeDnsApi.Json("""{"access_token":"ya29.token","expires_in":3599,"token_type":"Bearer"}""");
        }

        Assert.That(request.Headers["Authorization"], Is.EqualTo("Bearer ya29.token"));
        const string Zones = "/dns/v1/projects/my-project/managedZones";
        var query = System.Web.HttpUtility.ParseQueryString(request.Url.Query);
        switch (request.Method, request.Url.AbsolutePath)
        {
            case ("GET", Zones):
                return FakeDnsApi.Json(query["dnsName"] == "example.net."
                    ? """{"kind":"dns#managedZonesListResponse","managedZones":[{"name":"inside","dnsName":"example.net.","visibility":"private"},{"name":"net-zone","dnsName":"example.net.","visibility":"public"}]}"""
                    : """{"kind":"dns#managedZonesListResponse","managedZones":[]}""");

            case ("GET", $"{Zones}/net-zone/rrsets"):
                Assert.That((query["name"], query["type"]), Is.EqualTo(("_acme-challenge.www.example.net.", "TXT")));
                return FakeDnsApi.Json(_values.Count == 0
                    ? """{"rrsets":[]}"""
                    : $$"""{"rrsets":[{"kind":"dns#resourceRecordSet","name":"_acme-challenge.www.example.net.","type":"TXT","ttl":300,"rrdatas":{{JsonSerializer.Serialize(_values)}}}]}""");

            case ("POST", $"{Zones}/net-zone/changes"):
                return Change(JsonDocument.Parse(request.Body).RootElement);

            case ("GET", $"{Zones}/net-zone/changes/7"):
                return FakeDnsApi.Json("""{"kind":"dns#change","id":"7","status":"done"}""");

            default:
                return new HttpResponseMessage(HttpStatusCode.NotFound);
        }
    }

    private HttpResponseMessage Change(JsonElement change)
    {
        var deleted = change.TryGetProperty("deletions", out var deletions) ? ValuesOf(deletions) : [];
        if (!deleted.SequenceEqual(_values))
        {
            return FakeDnsApi.Json("""{"error":{"code":412,"message":"Precondition not met for 'entity.change.deletions[0]'"}}""", HttpStatusCode.PreconditionFailed);
        }

        _values = change.TryGetProperty("additions", out var additions) ? ValuesOf(additions) : [];
        return FakeDnsApi.Json("""{"kind":"dns#change","id":"7","status":"pending"}""");
    }

    private static List<string> ValuesOf(JsonElement sets) => [.. sets[0].GetProperty("rrdatas").EnumerateArray().Select(v => v.GetString()!)];

    private void VerifyAssertion(FakeApiRequest request)
    {
        var form = System.Web.HttpUtility.ParseQueryString(request.Body);
        Assert.That(form["grant_type"], Is.EqualTo("urn:ietf:params:oauth:grant-type:jwt-bearer"));
        var parts = form["assertion"]!.Split('.');
        Assert.That(Key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), Is.True, "the signature of the JWT");
        var header = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0])).RootElement;
        var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1])).RootElement;
        Assert.That((header.GetProperty("alg").GetString(), header.GetProperty("kid").GetString()), Is.EqualTo(("RS256", "key-7")));
        Assert.That((claims.GetProperty("iss").GetString(), claims.GetProperty("aud").GetString()), Is.EqualTo(("dns@my-project.iam.gserviceaccount.com", TokenUri)));
        Assert.That(claims.GetProperty("scope").GetString(), Does.Contain("ndev.clouddns.readwrite"));
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        Assert.That((claims.GetProperty("iat").GetInt64(), claims.GetProperty("exp").GetInt64() - now), Is.EqualTo((now, 1800L)));
    }

    private GoogleCloudDnsRecords Records()
    {
        var file = JsonSerializer.Serialize(new
        {
            type = "service_account",
            project_id = "my-project",
            private_key_id = "key-7",
            private_key = Key.ExportPkcs8PrivateKeyPem(),
            client_email = "dns@my-project.iam.gserviceaccount.com",
            token_uri = TokenUri,
        });
        var account = GoogleServiceAccount.Parse(file);
        return new(new GoogleCloudDnsConfig(GoogleCloudDnsConfig.DefaultEndpoint, account.ProjectId!, null, account), _api.Api, new AccessTokens(_api.Api, _time));
    }
}

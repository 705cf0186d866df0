using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using CertOperator.Crds.Runs;
using CertOperator.Providers.Aws;
using CertOperator.Providers.Challenges;
using CertOperator.Providers.Dns;
using CertOperator.Providers.Dns.Api;
using CertOperator.Providers.Dns.AzureDns;
using CertOperator.Providers.Dns.Cloudflare;
using CertOperator.Providers.Dns.GoogleCloudDns;
using CertOperator.Providers.Dns.HttpReq;
using CertOperator.Providers.Dns.Protocol;
using CertOperator.Providers.Dns.Route53;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Gcp;
using CertOperator.Providers.Issuance;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Dns;

/// <summary>Each DNS provider sets a name, replaces what it points to, and leaves alone what is right already.</summary>
public sealed class CnameRecordsTests
{
    private static readonly CnameRecord Record = new(DnsName.Parse("_a1b2.www.example.net"), DnsName.Parse("_c3d4.xyz.acm-validations.aws."));
    private static readonly XNamespace Aws = "https://route53.amazonaws.com/doc/2013-04-01/";

    private readonly FakeDnsApi _api = new();
    private string? _target;

    [SetUp]
    public void Forget()
    {
        _target = null;
        _api.Requests.Clear();
    }

    [OneTimeTearDown]
    public void Dispose() => _api.Dispose();

    private static IEnumerable<TestCaseData> Places()
    {
        yield return new TestCaseData("Cloudflare", (CnameRecordsTests t) => t.Cloudflare()) { TestName = "{m}(Cloudflare)" };
        yield return new TestCaseData("Route 53", (CnameRecordsTests t) => t.Route53()) { TestName = "{m}(Route53)" };
        yield return new TestCaseData("Google", (CnameRecordsTests t) => t.Google()) { TestName = "{m}(Google)" };
        yield return new TestCaseData("Azure", (CnameRecordsTests t) => t.Azure()) { TestName = "{m}(Azure)" };
    }

    [TestCaseSource(nameof(Places))]
    public async Task A_name_is_set_once_and_corrected(string place, Func<CnameRecordsTests, ICnameRecords> make)
    {
        var records = make(this);
        await records.SetAsync(Record, CancellationToken.None);
        Assert.That(_target, Is.EqualTo("_c3d4.xyz.acm-validations.aws"), place);

        _api.Requests.Clear();
        await records.SetAsync(Record, CancellationToken.None);
        Assert.That(_api.Requests.Where(r => r.Method != "GET" && !r.Url.Host.Contains("login", StringComparison.Ordinal) && !r.Url.Host.Contains("oauth2", StringComparison.Ordinal)), Is.Empty, place);

        _target = "elsewhere.example.org";
        await records.SetAsync(Record, CancellationToken.None);
        Assert.That(_target, Is.EqualTo("_c3d4.xyz.acm-validations.aws"), place);
    }

    [Test]
    public async Task A_service_for_TXT_records_alone_is_refused_before_anything_is_written()
    {
        var client = new DnsClient(new DnsTransport(new EgressPolicy([]), TimeProvider.System), () => 1, TimeProvider.System);
        var lookup = new DnsLookup(client, []);
        var solver = new Dns01Solver(
            new HttpReqRecords(new HttpReqConfig(new Uri("https://dns.example.com"), null, null), _api.Api),
            lookup,
            new PropagationCheck(client, lookup, 53),
            new Dns01Options("hook", FollowCname: true, TimeSpan.FromSeconds(1)));
        var challenge = new RunChallenge { Hostname = "www.example.net", Type = ProvidersRecords.AcmDns, Token = "_a.www.example.net", KeyAuthorization = "_b.acm-validations.aws" };
        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => solver.LocateAsync(challenge, CancellationToken.None));
        Assert.That((refusal!.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.Failed, ChallengeReasons.RecordKindNotSupported)));
        Assert.That(refusal.Message, Does.Contain("solver hook writes to takes TXT records only"));
        Assert.That(_api.Requests, Is.Empty);
    }

    private CloudflareRecords Cloudflare()
    {
        _api.Answer = request => (request.Method, request.Url.PathAndQuery) switch
        {
            ("GET", "/client/v4/zones?name=example.net") => Cloudflare("""[{"id":"z1"}]"""),
            ("GET", var path) when path.StartsWith("/client/v4/zones?", StringComparison.Ordinal) => Cloudflare("[]"),
            ("GET", "/client/v4/zones/z1/dns_records?type=CNAME&name=_a1b2.www.example.net&per_page=100") => Cloudflare(_target is null ? "[]" : $$"""[{"id":"r1","content":"{{_target}}"}]"""),
            ("POST", "/client/v4/zones/z1/dns_records") when _target is null => Write(),
            ("PUT", "/client/v4/zones/z1/dns_records/r1") when _target is not null => Write(),
            _ => new HttpResponseMessage(HttpStatusCode.NotFound),
        };
        return new CloudflareRecords(new CloudflareConfig(CloudflareConfig.DefaultEndpoint, "the-token"), _api.Api);

        HttpResponseMessage Write()
        {
            var body = JsonNode.Parse(_api.Requests.Last().Body)!.AsObject();
            Assert.That(body.ToJsonString(), Is.EqualTo("""{"type":"CNAME","name":"_a1b2.www.example.net","content":"_c3d4.xyz.acm-validations.aws","ttl":300,"comment":"CertOperator: lets a certificate be issued and renewed","proxied":false}"""));
            _target = (string?)body["content"];
            return Cloudflare("""{"id":"r1","content":"x"}""");
        }

        static HttpResponseMessage Cloudflare(string result) => FakeDnsApi.Json($$"""{"success":true,"errors":[],"result":{{result}}}""");
    }

    private Route53Records Route53()
    {
        _api.Answer = request =>
        {
            if (request.Method == "GET")
            {
                Assert.That(request.Url.PathAndQuery, Is.EqualTo("/2013-04-01/hostedzone/Z1/rrset?maxitems=1&name=_a1b2.www.example.net.&type=CNAME"));
                var set = _target is null ? "" : $"<ResourceRecordSet><Name>_a1b2.www.example.net.</Name><Type>CNAME</Type><TTL>300</TTL><ResourceRecords><ResourceRecord><Value>{_target}.</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>";
                return FakeDnsApi.Xml($"<ListResourceRecordSetsResponse xmlns=\"{Aws}\"><ResourceRecordSets>{set}</ResourceRecordSets></ListResourceRecordSetsResponse>");
            }

            var changes = XElement.Parse(request.Body).Descendants(Aws + "Change").Select(c => (Action: c.Element(Aws + "Action")!.Value, Type: c.Descendants(Aws + "Type").Single().Value, Value: c.Descendants(Aws + "Value").Single().Value)).ToList();
            Assert.That(changes[..^1], Is.EqualTo(_target is null ? [] : new[] { ("DELETE", "CNAME", $"{_target}.") }));
            Assert.That(changes[^1], Is.EqualTo(("CREATE", "CNAME", "_c3d4.xyz.acm-validations.aws.")));
            _target = changes[^1].Value.TrimEnd('.');
            return FakeDnsApi.Xml($"<ChangeResourceRecordSetsResponse xmlns=\"{Aws}\"><ChangeInfo><Id>/change/C1</Id><Status>PENDING</Status></ChangeInfo></ChangeResourceRecordSetsResponse>");
        };
        return new Route53Records(new Route53Config(Route53Config.DefaultEndpoint, Route53Config.DefaultRegion, "Z1", new AwsAccessKey("AKIDEXAMPLE", "secret", null)), _api.Api, TimeProvider.System);
    }

    private GoogleCloudDnsRecords Google()
    {
        using var key = RSA.Create(2048);
        var account = GoogleServiceAccount.Parse(JsonSerializer.Serialize(new { type = "service_account", project_id = "p", private_key = key.ExportPkcs8PrivateKeyPem(), client_email = "a@p.iam.gserviceaccount.com", token_uri = "https://oauth2.googleapis.com/token" }));
        _api.Answer = request =>
        {
            if (request.Url.Host == "oauth2.googleapis.com")
            {
                return FakeDnsApi.Json("""{"access_token":"ya29.token","expires_in":3599,"token_type":"Bearer"}""");
            }

            if (request.Method == "GET")
            {
                Assert.That(request.Url.PathAndQuery, Is.EqualTo("/dns/v1/projects/p/managedZones/zone/rrsets?name=_a1b2.www.example.net.&type=CNAME"));
                return FakeDnsApi.Json(_target is null ? "{}" : $$"""{"rrsets":[{{SetOf(_target)}}]}""");
            }

            var change = JsonNode.Parse(request.Body)!;
            Assert.That(change["deletions"]?[0]?.ToJsonString(), Is.EqualTo(_target is null ? null : SetOf(_target)));
            Assert.That(change["additions"]![0]!.ToJsonString(), Is.EqualTo(SetOf("_c3d4.xyz.acm-validations.aws")));
            _target = "_c3d4.xyz.acm-validations.aws";
            return FakeDnsApi.Json("""{"id":"7","status":"pending"}""");
        };
        return new GoogleCloudDnsRecords(new GoogleCloudDnsConfig(GoogleCloudDnsConfig.DefaultEndpoint, "p", "zone", account), _api.Api, new AccessTokens(_api.Api, TimeProvider.System));

        static string SetOf(string target) => $$"""{"name":"_a1b2.www.example.net.","type":"CNAME","ttl":300,"rrdatas":["{{target}}."]}""";
    }

    private AzureDnsRecords Azure()
    {
        _api.Answer = request =>
        {
            if (request.Url.Host == "login.microsoftonline.com")
            {
                return FakeDnsApi.Json("""{"token_type":"Bearer","expires_in":3599,"access_token":"eyJ0.token"}""");
            }

            Assert.That(request.Url.PathAndQuery, Is.EqualTo("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.net/CNAME/_a1b2.www?api-version=2018-05-01"));
            if (request.Method == "PUT")
            {
                Assert.That(request.Headers.GetValueOrDefault(_target is null ? "If-None-Match" : "If-Match"), Is.EqualTo(_target is null ? "*" : "\"1\""));
                Assert.That(request.Body, Is.EqualTo("""{"properties":{"TTL":300,"CNAMERecord":{"cname":"_c3d4.xyz.acm-validations.aws"}}}"""));
                _target = "_c3d4.xyz.acm-validations.aws";
            }

            if (_target is null)
            {
                return FakeDnsApi.Json("""{"code":"NotFound","message":"It does not exist."}""", HttpStatusCode.NotFound);
            }

            var answer = FakeDnsApi.Json($$$$"""{"name":"_a1b2.www","etag":"x","properties":{"TTL":300,"CNAMERecord":{"cname":"{{{{_target}}}}"}}}""");
            answer.Headers.TryAddWithoutValidation("ETag", "\"1\"");
            return answer;
        };
        var client = new DnsClient(new DnsTransport(new EgressPolicy([]), TimeProvider.System), () => 1, TimeProvider.System);
        var config = new AzureDnsConfig(AzureDnsConfig.DefaultEndpoint, AzureDnsConfig.DefaultAuthority, "s", "g", "example.net", new AzureApplication("t", "a", "secret"));
        return new AzureDnsRecords(config, _api.Api, new AccessTokens(_api.Api, TimeProvider.System), new DnsLookup(client, []));
    }
}

using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using CertOperator.Providers.Aws;
using CertOperator.Providers.Dns;
using CertOperator.Providers.Dns.Protocol;
using CertOperator.Providers.Dns.Route53;
using CertOperator.Providers.Issuance;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Dns;

public sealed class Route53RecordsTests
{
    private const string Secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    private static readonly XNamespace Xmlns = "https://route53.amazonaws.com/doc/2013-04-01/";
    private static readonly TxtRecord Record = new(DnsName.Parse("_acme-challenge.www.example.net"), "value-1");

    private readonly FakeDnsApi _api = new();
    private readonly ManualTimeProvider _time = new();
    private List<string> _values = [];
    private string _status = "INSYNC";

    [SetUp]
    public void Serve()
    {
        _values = [];
        _status = "INSYNC";
        _api.Requests.Clear();
        _api.Answer = Answer;
    }

    [OneTimeTearDown]
    public void Dispose() => _api.Dispose();

    [Test]
    public async Task A_value_joins_those_that_are_there_and_leaves_them_again()
    {
        _values = ["\"of somebody else\""];
        await Records().AddAsync(Record, CancellationToken.None);
        Assert.That(_values, Is.EqualTo(new[] { "\"of somebody else\"", "\"value-1\"" }));

        await Records().RemoveAsync(Record, CancellationToken.None);
        Assert.That(_values, Is.EqualTo(new[] { "\"of somebody else\"" }));
    }

    [Test]
    public async Task The_only_value_comes_and_goes_with_its_set()
    {
        var change = await Records().AddAsync(Record, CancellationToken.None);
        Assert.That(change, Is.EqualTo("C2682N5HXP0BZ4"));
        Assert.That(_values, Is.EqualTo(new[] { "\"value-1\"" }));
        await Records().RemoveAsync(Record, CancellationToken.None);
        Assert.That(_values, Is.Empty);
        Assert.That(await Records().AddAsync(Record, CancellationToken.None), Is.Not.Null);
        Assert.That(await Records().AddAsync(Record, CancellationToken.None), Is.Null, "it is there already");
    }

    [Test]
    public async Task A_change_is_applied_when_it_is_in_sync()
    {
        _status = "PENDING";
        Assert.That(await Records().IsAppliedAsync("C2682N5HXP0BZ4", CancellationToken.None), Is.False);
        _status = "INSYNC";
        Assert.That(await Records().IsAppliedAsync("C2682N5HXP0BZ4", CancellationToken.None), Is.True);
        Assert.That(_api.Requests.Select(r => r.Line), Has.All.EqualTo("GET /2013-04-01/change/C2682N5HXP0BZ4"));
    }

    [Test]
    public async Task A_value_that_comes_in_between_is_not_lost()
    {
        var interfered = false;
        _api.Answer = request =>
        {
            if (request.Method == "POST" && !interfered)
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
    public async Task The_session_token_of_a_temporary_key_is_sent_and_signed()
    {
        await Records(token: "the-token").IsAppliedAsync("C1", CancellationToken.None);
        Assert.That(_api.Requests.Single().Headers["X-Amz-Security-Token"], Is.EqualTo("the-token"));
        Assert.That(_api.Requests.Single().Headers["Authorization"], Does.Contain("SignedHeaders=host;x-amz-date;x-amz-security-token,"));
    }

    [Test]
    public async Task A_zone_that_is_named_is_not_looked_for()
    {
        await Records(zone: "ZNAMED").RemoveAsync(Record, CancellationToken.None);
        Assert.That(_api.Requests.Single().Url.AbsolutePath, Is.EqualTo("/2013-04-01/hostedzone/ZNAMED/rrset"));
    }

    [Test]
    public async Task Throttling_is_for_later()
    {
        _api.Answer = request => request.Method == "POST"
            ? FakeDnsApi.Xml($"<ErrorResponse xmlns=\"{Xmlns}\"><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error><RequestId>1</RequestId></ErrorResponse>", HttpStatusCode.BadRequest)
            : Answer(request);
        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => Records().AddAsync(Record, CancellationToken.None));
        Assert.That(refusal!.Failure, Is.EqualTo(IssuanceFailure.Transient));
    }

    [Test]
    public async Task A_key_that_may_not_is_named()
    {
        _api.Answer = _ => FakeDnsApi.Xml($"<ErrorResponse xmlns=\"{Xmlns}\"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized to perform: route53:ListHostedZonesByName</Message></Error></ErrorResponse>", HttpStatusCode.Forbidden);
        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => Records().AddAsync(Record, CancellationToken.None));
        Assert.That(refusal!.Message, Does.Contain("route53:ListHostedZonesByName").And.Contain("dns01.provider.secretName").And.Not.Contain(Secret));
    }

    [TestCase("")]
    [TestCase("{}")]
    [TestCase("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>")]
    public async Task An_answer_that_is_none_is_refused(string body)
    {
        _api.Answer = _ => FakeDnsApi.Xml(body);
        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => Records().AddAsync(Record, CancellationToken.None));
        Assert.That(refusal!.Message, Does.Contain("no XML"));
    }

    /// <summary>Answers as the API reference of Route 53 says, to requests whose signature it has computed itself.</summary>
    private HttpResponseMessage Answer(FakeApiRequest request)
    {
        Verify(request);
        var path = request.Url.AbsolutePath;
        var query = System.Web.HttpUtility.ParseQueryString(request.Url.Query);
        switch (request.Method, path)
        {
            case ("GET", "/2013-04-01/hostedzonesbyname"):
                // The list begins at the name that was asked for, in Route 53's order, whether it is there or not.
                return FakeDnsApi.Xml($"""
                    <?xml version="1.0"?><ListHostedZonesByNameResponse xmlns="{Xmlns}"><HostedZones>
                    <HostedZone><Id>/hostedzone/ZPRIVATE</Id><Name>example.net.</Name><CallerReference>a</CallerReference><Config><PrivateZone>true</PrivateZone></Config></HostedZone>
                    <HostedZone><Id>/hostedzone/Z1D633PJN98FT9</Id><Name>example.net.</Name><CallerReference>b</CallerReference><Config><PrivateZone>false</PrivateZone></Config></HostedZone>
                    </HostedZones><DNSName>{query["dnsname"]}</DNSName><IsTruncated>false</IsTruncated><MaxItems>10</MaxItems></ListHostedZonesByNameResponse>
                    """.Trim());

            case ("GET", "/2013-04-01/hostedzone/Z1D633PJN98FT9/rrset" or "/2013-04-01/hostedzone/ZNAMED/rrset"):
                Assert.That((query["name"], query["type"]), Is.EqualTo(("_acme-challenge.www.example.net.", "TXT")));
                return FakeDnsApi.Xml($"<ListResourceRecordSetsResponse xmlns=\"{Xmlns}\"><ResourceRecordSets>{(_values.Count == 0 ? Set("zzz.example.net.", ["\"other\""]) : Set($"{Record.Name}.", _values))}</ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>1</MaxItems></ListResourceRecordSetsResponse>");

            case ("POST", "/2013-04-01/hostedzone/Z1D633PJN98FT9/rrset/"):
                return Change(XElement.Parse(request.Body));

            case ("GET", _) when path.StartsWith("/2013-04-01/change/", StringComparison.Ordinal):
                return FakeDnsApi.Xml($"<GetChangeResponse xmlns=\"{Xmlns}\"><ChangeInfo><Id>/change/C2682N5HXP0BZ4</Id><Status>{_status}</Status></ChangeInfo></GetChangeResponse>");

            default:
                return new HttpResponseMessage(HttpStatusCode.NotFound);
        }
    }

    private HttpResponseMessage Change(XElement batch)
    {
        List<string>? values = _values.Count == 0 ? null : [.. _values];
        foreach (var change in batch.Descendants(Xmlns + "Change"))
        {
            List<string> given = [.. change.Descendants(Xmlns + "Value").Select(v => v.Value)];
            Assert.That(change.Descendants(Xmlns + "Name").Single().Value, Is.EqualTo("_acme-challenge.www.example.net."));
            if (change.Element(Xmlns + "Action")!.Value == "DELETE" ? values is null || !values.SequenceEqual(given) : values is not null)
            {
                return FakeDnsApi.Xml($"<InvalidChangeBatch xmlns=\"{Xmlns}\"><Messages><Message>Tried to create resource record set [name='x', type='TXT'] but it already exists</Message></Messages></InvalidChangeBatch>", HttpStatusCode.BadRequest);
            }

            values = change.Element(Xmlns + "Action")!.Value == "DELETE" ? null : given;
        }

        _values = values ?? [];
        return FakeDnsApi.Xml($"<ChangeResourceRecordSetsResponse xmlns=\"{Xmlns}\"><ChangeInfo><Id>/change/C2682N5HXP0BZ4</Id><Status>PENDING</Status></ChangeInfo></ChangeResourceRecordSetsResponse>");
    }

    private static string Set(string name, IEnumerable<string> values)
        => $"<ResourceRecordSet><Name>{name}</Name><Type>TXT</Type><TTL>60</TTL><ResourceRecords>{string.Concat(values.Select(v => $"<ResourceRecord><Value>{v}</Value></ResourceRecord>"))}</ResourceRecords></ResourceRecordSet>";

    /// <summary>Computes the signature anew, from the request as it came, by the published steps of Signature Version 4.</summary>
    private static void Verify(FakeApiRequest request)
    {
        var match = System.Text.RegularExpressions.Regex.Match(
            request.Headers["Authorization"],
            "^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/(?<day>[0-9]{8})/us-east-1/route53/aws4_request, ?SignedHeaders=(?<signed>[^,]+), ?Signature=(?<signature>[0-9a-f]{64})$");
        Assert.That(match.Success, Is.True, request.Headers["Authorization"]);
        var headers = match.Groups["signed"].Value.Split(';').Select(h => $"{h}:{(h == "host" ? request.Url.Authority : request.Headers[h])}\n");
        var canonical = $"{request.Method}\n{request.Url.AbsolutePath}\n{request.Url.Query.TrimStart('?')}\n{string.Concat(headers)}\n{match.Groups["signed"].Value}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(request.Body)))}";
        var scope = $"{match.Groups["day"].Value}/us-east-1/route53/aws4_request";
        var toSign = $"AWS4-HMAC-SHA256\n{request.Headers["X-Amz-Date"]}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = scope.Split('/').Aggregate(Encoding.UTF8.GetBytes("AWS4" + Secret), (k, part) => HMACSHA256.HashData(k, Encoding.UTF8.GetBytes(part)));
        Assert.That(match.Groups["signature"].Value, Is.EqualTo(Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)))));
        Assert.That(request.Url.Query.TrimStart('?').Split('&'), Is.Ordered.Using((IComparer<string>)StringComparer.Ordinal), "the canonical query is sorted");
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private Route53Records Records(string? zone = null, string? token = null)
        => new(new Route53Config(Route53Config.DefaultEndpoint, Route53Config.DefaultRegion, zone, new AwsAccessKey("AKIDEXAMPLE", Secret, token)), _api.Api, _time);
}

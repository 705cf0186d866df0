using System.Net;
using CertOperator.Providers.Dns;
using CertOperator.Providers.Dns.HttpReq;
using CertOperator.Providers.Dns.Protocol;
using CertOperator.Providers.Issuance;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Dns;

public sealed class HttpReqRecordsTests
{
    private static readonly TxtRecord Record = new(DnsName.Parse("_acme-challenge.example.net"), "value-1");

    private readonly FakeDnsApi _api = new();

    [SetUp]
    public void Clear() => _api.Requests.Clear();

    [OneTimeTearDown]
    public void Dispose() => _api.Dispose();

    [Test]
    public async Task Both_calls_are_made_as_the_protocol_says()
    {
        _api.Answer = _ => new HttpResponseMessage(HttpStatusCode.OK);
        var records = Records("https://dns.example.net/hooks/", new HttpReqUser("renewals", "pa:ss"));

        await records.AddAsync(Record, CancellationToken.None);
        await records.RemoveAsync(Record, CancellationToken.None);

        Assert.That(_api.Requests.Select(r => r.Line), Is.EqualTo(new[] { "POST /hooks/present", "POST /hooks/cleanup" }));
        foreach (var request in _api.Requests)
        {
            Assert.That(request.Body, Is.EqualTo("""{"fqdn":"_acme-challenge.example.net.","value":"value-1"}"""));
            Assert.That(request.Headers["Content-Type"], Does.StartWith("application/json"));
            Assert.That(request.Headers["Authorization"], Is.EqualTo("Basic " + Convert.ToBase64String("renewals:pa:ss"u8)));
        }
    }

    [Test]
    public async Task Without_a_user_nothing_is_said_about_one()
    {
        _api.Answer = _ => new HttpResponseMessage(HttpStatusCode.NoContent);
        await Records("http://dns.test").AddAsync(Record, CancellationToken.None);
        Assert.That(_api.Requests.Single().Headers.Keys, Has.None.EqualTo("Authorization"));
        Assert.That(_api.Requests.Single().Line, Is.EqualTo("POST /present"));
    }

    [TestCase(HttpStatusCode.Unauthorized, IssuanceFailure.Failed, "dns01.provider.secretName")]
    [TestCase(HttpStatusCode.Forbidden, IssuanceFailure.Failed, "may do")]
    [TestCase(HttpStatusCode.BadRequest, IssuanceFailure.Failed, "no such zone here")]
    [TestCase(HttpStatusCode.Redirect, IssuanceFailure.Failed, "302")]
    [TestCase(HttpStatusCode.TooManyRequests, IssuanceFailure.Transient, "tries again")]
    [TestCase(HttpStatusCode.BadGateway, IssuanceFailure.Transient, "tries again")]
    public async Task A_refusal_says_what_to_do(HttpStatusCode status, IssuanceFailure failure, string expected)
    {
        _api.Answer = _ =>
        {
            var answer = new HttpResponseMessage(status) { Content = new StringContent("no such zone here\u001b[31m\n") };
            answer.Headers.RetryAfter = new System.Net.Http.Headers.RetryConditionHeaderValue(TimeSpan.FromSeconds(7));
            return answer;
        };

        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => Records("https://dns.example.net").AddAsync(Record, CancellationToken.None));

        Assert.That(refusal!.Failure, Is.EqualTo(failure));
        Assert.That(refusal.Message, Does.Contain(expected).And.Contain("POST /present").And.Not.Contain("\u001b").And.Not.Contain("\n"));
        Assert.That(refusal.RetryAfter, Is.EqualTo(failure == IssuanceFailure.Transient ? TimeSpan.FromSeconds(7) : null));
    }

    [Test]
    public async Task An_endless_answer_is_cut_off()
    {
        _api.Answer = _ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(new byte[2 * 1024 * 1024]) };
        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => Records("https://dns.example.net").AddAsync(Record, CancellationToken.None));
        Assert.That(refusal!.Message, Does.Contain("more than 1024 KiB"));
    }

    [Test]
    public async Task A_service_that_is_not_there_is_named()
    {
        _api.Answer = _ => throw new HttpRequestException("connection refused");
        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => Records("https://dns.example.net:8443").AddAsync(Record, CancellationToken.None));
        Assert.That((refusal!.Failure, refusal.Message), Is.EqualTo((IssuanceFailure.Transient, "The provider at dns.example.net:8443 cannot be reached: connection refused")));
    }

    private HttpReqRecords Records(string endpoint, HttpReqUser? user = null) => new(new HttpReqConfig(new Uri(endpoint), null, user), _api.Api);
}

using CertOperator.Acme.Tests.Fakes;

namespace CertOperator.Acme.Tests.Client;

public sealed class RenewalInfoTests
{
    private static readonly CertificateId Id = CertificateId.Parse("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");

    [TestCase("https://ca.test/renewal-info")]
    [TestCase("https://ca.test/renewal-info/")]
    public async Task The_window_is_fetched_unsigned_under_the_certificates_id(string baseUrl)
    {
        using var ca = new FakeCa();
        ca.Server.Directory = ca.Server.Directory.Replace("https://ca.test/renewal-info", baseUrl, StringComparison.Ordinal);
        ca.Server.OnGet($"/renewal-info/{Id}", FakeResponse.Json(200, Resources.RenewalInfo).With("Retry-After", "21600"));

        var info = await ca.Client.GetRenewalInfoAsync(Id, default);

        Assert.That(info, Is.EqualTo(new RenewalInfo(
            new DateTimeOffset(2030, 2, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2030, 2, 3, 0, 0, 0, TimeSpan.Zero),
            new Uri("https://ca.test/why"), TimeSpan.FromHours(6))));
        Assert.That(ca.Requests.Entries.Select(e => e.Action), Is.EqualTo(new[] { AcmeActions.Directory, AcmeActions.RenewalInfo }));
    }

    [TestCase("2030-02-03T00:00:00Z", "2030-02-01T00:00:00Z", TestName = "A_window_that_ends_before_it_starts_counts_as_no_answer")]
    [TestCase("2030-02-01T00:00:00Z", "2030-02-01T00:00:00Z", TestName = "A_window_of_no_length_counts_as_no_answer")]
    [TestCase("soon", "2030-02-01T00:00:00Z", TestName = "A_window_that_is_no_time_counts_as_no_answer")]
    public void Unusable_windows_are_protocol_errors(string start, string end)
    {
        using var ca = new FakeCa();
        ca.Server.OnGet($"/renewal-info/{Id}", FakeResponse.Json(200, $$$"""{"suggestedWindow":{"start":"{{{start}}}","end":"{{{end}}}"}}"""));

        Assert.That(async () => await ca.Client.GetRenewalInfoAsync(Id, default), Throws.InstanceOf<AcmeProtocolException>());
    }

    [Test]
    public async Task An_explanation_that_is_no_web_page_is_left_out()
    {
        using var ca = new FakeCa();
        ca.Server.OnGet($"/renewal-info/{Id}", FakeResponse.Json(200, Resources.RenewalInfo.Replace("https://ca.test/why", "javascript:alert(1)", StringComparison.Ordinal)));

        Assert.That((await ca.Client.GetRenewalInfoAsync(Id, default))!.ExplanationUrl, Is.Null);
    }

    [Test]
    public async Task A_certificate_that_the_server_does_not_know_is_not_found()
    {
        using var ca = new FakeCa();
        ca.Server.OnGet($"/renewal-info/{Id}", FakeResponse.Problem(404, "malformed", "unknown certificate"));

        var refused = await Assert.ThrowsAsync<AcmeProblemException>(() => ca.Client.GetRenewalInfoAsync(Id, default));

        Assert.That(refused!.Kind, Is.EqualTo(AcmeErrorKind.NotFound));
    }
}

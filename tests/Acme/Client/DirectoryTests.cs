using CertOperator.Acme.Tests.Fakes;

namespace CertOperator.Acme.Tests.Client;

public sealed class DirectoryTests
{
    [Test]
    public async Task The_directory_is_read_whole_and_kept_for_a_day()
    {
        using var ca = new FakeCa();

        var directory = await ca.Client.GetDirectoryAsync(default);
        await ca.Client.GetDirectoryAsync(default);
        ca.Time.Advance(TimeSpan.FromHours(25));
        await ca.Client.GetDirectoryAsync(default);

        Assert.Multiple(() =>
        {
            Assert.That(directory.NewOrder, Is.EqualTo(FakeCa.Url("/new-order")));
            Assert.That(directory.NewAuthorization, Is.EqualTo(FakeCa.Url("/new-authz")));
            Assert.That(directory.RenewalInfo, Is.EqualTo(FakeCa.Url("/renewal-info")));
            Assert.That(directory.Meta.TermsOfService, Is.EqualTo("https://ca.test/terms"));
            Assert.That(directory.Meta.CaaIdentities, Is.EqualTo(new[] { "ca.test" }));
            Assert.That(directory.Meta.ExternalAccountRequired, Is.False);
            Assert.That(directory.Meta.Profiles, Is.EquivalentTo(new Dictionary<string, string> { ["short"] = "six days", ["long"] = "ninety days" }));
            Assert.That(ca.Requests.Count(AcmeActions.Directory), Is.EqualTo(2));
        });
    }

    [Test]
    public async Task Many_who_wait_for_the_directory_share_one_fetch()
    {
        using var ca = new FakeCa();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => ca.Client.GetDirectoryAsync(default))));

        Assert.That(ca.Requests.Count(AcmeActions.Directory), Is.EqualTo(1));
    }

    [Test]
    public async Task Who_wants_to_know_whether_the_server_answers_is_not_told_from_memory()
    {
        using var ca = new FakeCa();
        await ca.Client.GetDirectoryAsync(default);

        await ca.Client.FetchDirectoryAsync(default);
        ca.Server.OnGet("/directory", FakeResponse.Html(503));

        Assert.That(ca.Requests.Count(AcmeActions.Directory), Is.EqualTo(2));
        Assert.That(async () => await ca.Client.FetchDirectoryAsync(default), Throws.InstanceOf<AcmeProblemException>());
        Assert.That(await ca.Client.GetDirectoryAsync(default), Is.Not.Null, "what is known serves the others");
    }

    [Test]
    public async Task A_failed_fetch_is_not_kept()
    {
        using var ca = new FakeCa();
        ca.Server.OnGet("/directory", FakeResponse.Html(503).With("Retry-After", "60"));
        var failed = await Assert.ThrowsAsync<AcmeProblemException>(() => ca.Client.GetDirectoryAsync(default));
        ca.Server.OnGet("/directory", FakeResponse.Json(200, ca.Server.Directory));

        await ca.Client.GetDirectoryAsync(default);

        Assert.That(failed!.Kind, Is.EqualTo(AcmeErrorKind.ServerInternal));
        Assert.That(failed.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(60)));
    }

    [TestCase(200, "text/html", "<html>", "application/json", TestName = "A_login_page_is_no_directory")]
    [TestCase(200, null, "{}", "no content type", TestName = "A_directory_needs_a_content_type")]
    [TestCase(200, "application/json", "{}", "\"newNonce\" is missing", TestName = "An_empty_object_is_no_directory")]
    [TestCase(200, "application/json", """{"newNonce":"/nonce"}""", "\"newNonce\" is not an absolute URL", TestName = "Relative_urls_are_refused")]
    [TestCase(200, "application/json", """{"newNonce":"http://ca.test/nonce"}""", "must be https", TestName = "Plain_http_is_refused_in_an_https_directory")]
    [TestCase(200, "application/json", """{"newNonce":"file:///etc/passwd"}""", "must be https", TestName = "File_urls_are_refused")]
    [TestCase(200, "application/json", """{"newNonce":"https://user:pass@ca.test/nonce"}""", "user name", TestName = "Urls_with_credentials_are_refused")]
    [TestCase(404, null, "", "Check the directory URL", TestName = "Not_found_points_at_the_directory_url")]
    [TestCase(403, "text/html", "<html>", "Check the directory URL", TestName = "A_firewalls_page_points_at_the_directory_url")]
    public void What_is_no_directory_is_named_with_what_to_check(int status, string? contentType, string body, string message)
    {
        using var ca = new FakeCa();
        ca.Server.OnGet("/directory", FakeResponse.Of(status, contentType, body));

        Assert.That(
            async () => await ca.Client.GetDirectoryAsync(default),
            Throws.InstanceOf<AcmeProtocolException>().With.Message.Contains(message).And.Message.Contains("https://ca.test/directory").And.Message.Contains($"HTTP {status}"));
    }

    [Test]
    public async Task A_redirect_of_the_directory_is_followed_when_it_stays_https()
    {
        using var ca = new FakeCa();
        ca.Server.OnGet("/directory", new FakeResponse(302).With("Location", "/moved"));
        ca.Server.OnGet("/moved", FakeResponse.Json(200, ca.Server.Directory));

        Assert.That(await ca.Client.GetDirectoryAsync(default), Is.Not.Null);
    }

    [TestCase("http://ca.test/directory2", TestName = "A_redirect_to_plain_http_is_refused")]
    [TestCase("https://ca.test/directory", TestName = "A_redirect_loop_ends")]
    public void Bad_redirects_are_protocol_errors(string target)
    {
        using var ca = new FakeCa();
        ca.Server.OnGet("/directory", new FakeResponse(302).With("Location", target));

        Assert.That(async () => await ca.Client.GetDirectoryAsync(default), Throws.InstanceOf<AcmeProtocolException>());
        Assert.That(ca.Requests.Entries, Has.Count.LessThanOrEqualTo(4));
    }

    [TestCase("ftp://ca.test/directory")]
    [TestCase("/directory")]
    [TestCase("https://user@ca.test/directory")]
    public void A_directory_url_that_cannot_work_is_refused_at_once(string url)
    {
        using var http = new HttpClient();

        Assert.That(
            () => new AcmeClient(http, new Uri(url, UriKind.RelativeOrAbsolute), new AcmeClientOptions(), TimeProvider.System, new RequestLog()),
            Throws.InstanceOf<ArgumentException>());
    }

    [Test]
    public async Task A_plain_http_directory_may_name_plain_http_urls()
    {
        using var server = new FakeAcmeServer();
        using var http = new HttpClient(server);
        server.Directory = server.Directory.Replace("https:", "http:", StringComparison.Ordinal);
        using var client = new AcmeClient(http, new Uri("http://ca.test/directory"), new AcmeClientOptions(), TimeProvider.System, new RequestLog());

        Assert.That((await client.GetDirectoryAsync(default)).NewNonce.Scheme, Is.EqualTo("http"));
    }
}

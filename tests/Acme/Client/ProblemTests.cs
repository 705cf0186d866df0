using CertOperator.Acme.Tests.Fakes;

namespace CertOperator.Acme.Tests.Client;

public sealed class ProblemTests
{
    private static async Task<AcmeProblemException> RefusalAsync(FakeResponse answer)
    {
        using var ca = new FakeCa();
        ca.Server.OnPost("/new-order", answer);
        var account = await ca.NewAccountAsync();
        var refused = await Assert.ThrowsAsync<AcmeProblemException>(
            () => account.NewOrderAsync(new NewOrderRequest { Identifiers = [AcmeIdentifier.Dns("example.com")] }, default));
        return refused!;
    }

    [TestCase("accountDoesNotExist", AcmeErrorKind.AccountDoesNotExist)]
    [TestCase("alreadyReplaced", AcmeErrorKind.AlreadyReplaced)]
    [TestCase("badCSR", AcmeErrorKind.BadCsr)]
    [TestCase("badPublicKey", AcmeErrorKind.BadPublicKey)]
    [TestCase("caa", AcmeErrorKind.Caa)]
    [TestCase("dns", AcmeErrorKind.Dns)]
    [TestCase("externalAccountRequired", AcmeErrorKind.ExternalAccountRequired)]
    [TestCase("invalidProfile", AcmeErrorKind.InvalidProfile)]
    [TestCase("malformed", AcmeErrorKind.Malformed)]
    [TestCase("orderNotReady", AcmeErrorKind.OrderNotReady)]
    [TestCase("rateLimited", AcmeErrorKind.RateLimited)]
    [TestCase("rejectedIdentifier", AcmeErrorKind.RejectedIdentifier)]
    [TestCase("unauthorized", AcmeErrorKind.Unauthorized)]
    [TestCase("unsupportedIdentifier", AcmeErrorKind.UnsupportedIdentifier)]
    [TestCase("userActionRequired", AcmeErrorKind.UserActionRequired)]
    [TestCase("somethingNew", AcmeErrorKind.Other)]
    public async Task A_problem_has_the_kind_of_its_type(string type, AcmeErrorKind kind)
    {
        var refused = await RefusalAsync(FakeResponse.Problem(403, type, "because"));

        Assert.Multiple(() =>
        {
            Assert.That(refused.Kind, Is.EqualTo(kind));
            Assert.That(refused.Problem.Type, Is.EqualTo("urn:ietf:params:acme:error:" + type));
            Assert.That(refused.Problem.Detail, Is.EqualTo("because"));
            Assert.That(refused.Problem.Status, Is.EqualTo(403));
            Assert.That(refused.Message, Does.Contain("newOrder").And.Contain("403").And.Contain(type).And.Contain("because"));
        });
    }

    [Test]
    public async Task Subproblems_name_their_identifiers()
    {
        const string Subproblems =
            """
            ,"instance":"https://ca.test/agree","subproblems":[
            {"type":"urn:ietf:params:acme:error:caa","detail":"CAA forbids it","identifier":{"type":"dns","value":"a.example.com"}},
            {"type":"urn:ietf:params:acme:error:rejectedIdentifier","detail":"on a list"}, null]
            """;

        var problem = (await RefusalAsync(FakeResponse.Problem(403, "compound", "two names", Subproblems))).Problem;

        Assert.Multiple(() =>
        {
            Assert.That(problem.Instance, Is.EqualTo("https://ca.test/agree"));
            Assert.That(problem.Subproblems, Is.EqualTo(new[]
            {
                new AcmeSubproblem(AcmeErrorKind.Caa, "urn:ietf:params:acme:error:caa", "CAA forbids it", AcmeIdentifier.Dns("a.example.com")),
                new AcmeSubproblem(AcmeErrorKind.RejectedIdentifier, "urn:ietf:params:acme:error:rejectedIdentifier", "on a list", null),
            }));
            Assert.That(problem.ToString(), Is.EqualTo("compound: two names (a.example.com: caa: CAA forbids it; rejectedIdentifier: on a list)"));
        });
    }

    private static IEnumerable<TestCaseData> BareStatuses()
    {
        yield return new TestCaseData(FakeResponse.Html(429), AcmeErrorKind.RateLimited).SetName("A_429_page_of_a_load_balancer_is_a_rate_limit");
        yield return new TestCaseData(new FakeResponse(429), AcmeErrorKind.RateLimited).SetName("An_empty_429_is_a_rate_limit");
        yield return new TestCaseData(FakeResponse.Html(503), AcmeErrorKind.ServerInternal).SetName("A_503_page_is_a_server_failure");
        yield return new TestCaseData(FakeResponse.Of(502, "application/problem+json", "{broken"), AcmeErrorKind.ServerInternal).SetName("A_garbled_problem_with_a_502_is_a_server_failure");
        yield return new TestCaseData(new FakeResponse(404), AcmeErrorKind.NotFound).SetName("An_empty_404_is_a_resource_that_is_gone");
        yield return new TestCaseData(FakeResponse.Problem(404, "malformed"), AcmeErrorKind.NotFound).SetName("A_malformed_404_is_a_resource_that_is_gone");
        yield return new TestCaseData(FakeResponse.Of(429, "application/problem+json", """{"detail":"slow down"}"""), AcmeErrorKind.RateLimited).SetName("A_429_without_a_type_is_a_rate_limit");
        yield return new TestCaseData(FakeResponse.Of(400, "application/json", """{"type":"urn:ietf:params:acme:error:caa"}"""), AcmeErrorKind.Caa).SetName("A_problem_labelled_as_plain_json_is_read");
    }

    [TestCaseSource(nameof(BareStatuses))]
    public async Task A_status_alone_still_says_enough(FakeResponse answer, AcmeErrorKind kind) =>
        Assert.That((await RefusalAsync(answer.With("Retry-After", "17"))).Problem, Has.Property("Kind").EqualTo(kind)
            .And.Property("RetryAfter").EqualTo(TimeSpan.FromSeconds(17)));

    private static IEnumerable<TestCaseData> NoAcmeAnswers()
    {
        yield return new TestCaseData(FakeResponse.Html(403)).SetName("A_403_page_is_no_acme_answer");
        yield return new TestCaseData(FakeResponse.Html(404)).SetName("A_404_page_is_no_acme_answer");
        yield return new TestCaseData(FakeResponse.Html(200)).SetName("A_200_page_is_no_acme_answer");
        yield return new TestCaseData(new FakeResponse(400)).SetName("An_empty_400_is_no_acme_answer");
        yield return new TestCaseData(new FakeResponse(302).With("Location", "https://ca.test/elsewhere")).SetName("A_redirect_of_a_post_is_no_acme_answer");
        yield return new TestCaseData(FakeResponse.Of(400, "application/problem+json", "[]")).SetName("An_array_is_no_problem_document");
        yield return new TestCaseData(FakeResponse.Of(400, "application/problem+json", "{}")).SetName("An_empty_object_is_no_problem_document");
        yield return new TestCaseData(FakeResponse.Json(201, Resources.Order)).SetName("An_order_without_a_location_is_no_acme_answer");
        yield return new TestCaseData(FakeResponse.Json(201, Resources.Order).With("Location", "ftp://ca.test/order/1")).SetName("An_order_with_an_unusable_location_is_no_acme_answer");
        yield return new TestCaseData(FakeResponse.Of(201, "text/plain", Resources.Order).With("Location", "https://ca.test/order/1")).SetName("An_order_of_another_content_type_is_no_acme_answer");
    }

    [TestCaseSource(nameof(NoAcmeAnswers))]
    public async Task What_is_no_acme_answer_is_a_protocol_error_that_names_url_and_status(FakeResponse answer)
    {
        using var ca = new FakeCa();
        ca.Server.OnPost("/new-order", answer);
        var account = await ca.NewAccountAsync();

        var broken = await Assert.ThrowsAsync<AcmeProtocolException>(
            () => account.NewOrderAsync(new NewOrderRequest { Identifiers = [AcmeIdentifier.Dns("example.com")] }, default));

        Assert.That(broken!.Status, Is.EqualTo(answer.Status));
        Assert.That(broken.Message, Does.StartWith($"https://ca.test/new-order answered newOrder with HTTP {answer.Status}"));
    }

    [Test]
    public async Task Details_are_one_bounded_line()
    {
        var refused = await RefusalAsync(FakeResponse.Problem(400, "malformed", "a\\nb\\u001b[31m" + new string('x', 5000)));

        Assert.That(refused.Problem.Detail, Has.Length.EqualTo(2000).And.StartsWith("a b [31mxxx"));
    }

    [Test]
    public async Task A_key_that_another_account_has_is_told_by_the_status_alone()
    {
        using var ca = new FakeCa();
        using var taken = AccountKey.Create(AccountKeyAlgorithm.ES256);
        ca.Server.OnPost("/key-change", new FakeResponse(409).With("Location", "https://ca.test/account/2"));
        var account = await ca.NewAccountAsync();

        var refused = await Assert.ThrowsAsync<AcmeProblemException>(() => account.RollOverKeyAsync(taken, default));

        Assert.That(refused!.Kind, Is.EqualTo(AcmeErrorKind.KeyInUse));
    }

    [Test]
    public async Task No_exception_shows_a_token_a_signature_or_a_key()
    {
        using var ca = new FakeCa();
        ca.Server.OnPost("/authz/1", FakeResponse.Json(200, Resources.Authorization.Replace("\"pending\"", "\"strange\"", StringComparison.Ordinal)));
        ca.Server.OnPost("/new-order", FakeResponse.Html(403));
        var account = await ca.NewAccountAsync();

        var shown = string.Concat(
            await Assert.ThrowsAsync<AcmeProtocolException>(() => account.GetAuthorizationAsync(FakeCa.Url("/authz/1"), default)),
            await Assert.ThrowsAsync<AcmeProtocolException>(() => account.NewOrderAsync(new NewOrderRequest { Identifiers = [] }, default)));

        Assert.That(shown, Does.Not.Contain("abc-_123").And.Not.Contain("signature").And.Not.Contain(ca.Key.Thumbprint).And.Not.Contain("nonce-"));
    }
}

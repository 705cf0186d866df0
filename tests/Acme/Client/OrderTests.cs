using System.Net;
using CertOperator.Acme.Tests.Fakes;

namespace CertOperator.Acme.Tests.Client;

public sealed class OrderTests
{
    [Test]
    public async Task An_order_carries_names_validity_profile_and_what_it_replaces()
    {
        using var ca = new FakeCa();
        ca.Server.OnPost("/new-order", FakeResponse.Json(201, Resources.Order).With("Location", "/order/1").With("Retry-After", "Tue, 01 Jan 2030 00:00:30 GMT"));
        var account = await ca.NewAccountAsync();

        var order = await account.NewOrderAsync(new NewOrderRequest
        {
            Identifiers = [AcmeIdentifier.Dns("*.example.com"), AcmeIdentifier.Ip(IPAddress.Parse("2001:DB8::1"))],
            NotBefore = new DateTimeOffset(2030, 1, 1, 1, 0, 0, TimeSpan.FromHours(1)),
            NotAfter = new DateTimeOffset(2030, 1, 2, 0, 0, 0, TimeSpan.Zero),
            Replaces = CertificateId.Parse("YQ.Yg"),
            Profile = "short",
        }, default);

        var sent = ca.Server.Received[^1];
        Assert.Multiple(() =>
        {
            Assert.That(sent.Json.GetRawText(), Is.EqualTo(
                """{"identifiers":[{"type":"dns","value":"*.example.com"},{"type":"ip","value":"2001:db8::1"}],"notBefore":"2030-01-01T00:00:00Z","notAfter":"2030-01-02T00:00:00Z","replaces":"YQ.Yg","profile":"short"}"""));
            Assert.That(sent.KeyId, Is.EqualTo(FakeAcmeServer.AccountUrl));
            Assert.That(order.Url, Is.EqualTo(FakeCa.Url("/order/1")), "a relative Location is resolved");
            Assert.That(order.Status, Is.EqualTo(OrderStatus.Invalid));
            Assert.That(order.Certificate, Is.EqualTo(new Uri("https://other.test/cert/1")), "URLs may lie on other hosts");
            Assert.That(order.Replaces, Is.EqualTo("YQ.Yg"));
            Assert.That(order.Profile, Is.EqualTo("short"));
            Assert.That(order.Expires!.Value.ToUnixTimeSeconds(), Is.EqualTo(new DateTimeOffset(2030, 1, 8, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds()));
            Assert.That(order.NotAfter, Is.EqualTo(new DateTimeOffset(2030, 1, 1, 23, 0, 0, TimeSpan.Zero)));
            Assert.That(order.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(30)));
            Assert.That(order.Error!.Kind, Is.EqualTo(AcmeErrorKind.Compound));
            Assert.That(order.Error.Status, Is.EqualTo(403));
            Assert.That(order.Error.Subproblems.Single().Identifier, Is.EqualTo(AcmeIdentifier.Dns("example.com")));
        });
    }

    [Test]
    public async Task An_account_url_is_repeated_as_the_server_spelt_it()
    {
        using var ca = new FakeCa();
        const string Spelt = "https://CA.test:443/account/%7E1";
        ca.Server.OnPost("/new-account", FakeResponse.Json(200, Resources.Account).With("Location", Spelt));
        var created = await ca.Client.CreateAccountAsync(ca.Key, new NewAccountRequest { OnlyReturnExisting = true }, default);
        ca.Server.OnPost(created.Url.PathAndQuery, FakeResponse.Json(200, Resources.Account));

        await ca.Client.Account(ca.Key, created.Url).GetAsync(default);

        Assert.That(created.Created, Is.False);
        Assert.That(created.Url.OriginalString, Is.EqualTo(Spelt));
        Assert.That(ca.Server.Received[^1].KeyId, Is.EqualTo(Spelt));
    }

    [Test]
    public async Task Authorizations_show_every_challenge_also_unknown_types()
    {
        using var ca = new FakeCa();
        ca.Server.OnPost("/authz/1", FakeResponse.Json(200, Resources.Authorization).With("Retry-After", "3"));
        var account = await ca.NewAccountAsync();

        var authorization = await account.GetAuthorizationAsync(FakeCa.Url("/authz/1"), default);

        Assert.Multiple(() =>
        {
            Assert.That(authorization.Challenges.Select(c => (c.Type, c.Token, c.Status)), Is.EqualTo(new[]
            {
                ("http-01", "abc-_123", ChallengeStatus.Pending), ("dns-01", "def", ChallengeStatus.Invalid), ("dns-persist-01", null, ChallengeStatus.Pending),
            }));
            Assert.That(authorization.Challenges[1].Error!.Kind, Is.EqualTo(AcmeErrorKind.Dns));
            Assert.That(authorization.Wildcard, Is.True);
            Assert.That(authorization.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(3)));
            Assert.That(ca.Server.Received[^1].IsPostAsGet, Is.True);
        });
    }

    [TestCase("../../etc/passwd", TestName = "A_token_with_a_path_in_it_is_refused")]
    [TestCase("abc\\r\\nSet-Cookie: x", TestName = "A_token_with_line_breaks_is_refused")]
    [TestCase("abc=", TestName = "A_token_with_padding_is_refused")]
    [TestCase("", TestName = "An_empty_token_is_refused")]
    public async Task Tokens_that_are_not_base64url_never_reach_a_solver(string token)
    {
        using var ca = new FakeCa();
        ca.Server.OnPost("/authz/1", FakeResponse.Json(200, Resources.Authorization.Replace("abc-_123", token, StringComparison.Ordinal)));
        var account = await ca.NewAccountAsync();

        await Assert.ThrowsAsync<AcmeProtocolException>(() => account.GetAuthorizationAsync(FakeCa.Url("/authz/1"), default));
    }

    [Test]
    public async Task A_challenge_is_answered_with_an_empty_object()
    {
        using var ca = new FakeCa();
        ca.Server.OnPost("/chall/1", FakeResponse.Json(200, Resources.Challenge).With("Retry-After", "5"));
        var account = await ca.NewAccountAsync();

        var challenge = await account.AnswerChallengeAsync(FakeCa.Url("/chall/1"), default);

        Assert.That(ca.Server.Received[^1].Json.GetRawText(), Is.EqualTo("{}"));
        Assert.That(challenge.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(5)));
        Assert.That(challenge.Validated, Is.EqualTo(new DateTimeOffset(2030, 1, 1, 0, 0, 5, TimeSpan.Zero)));
    }

    [Test]
    public async Task A_name_is_authorized_ahead_of_orders_where_the_server_offers_it()
    {
        using var ca = new FakeCa();
        ca.Server.OnPost("/new-authz", FakeResponse.Json(201, Resources.Authorization).With("Location", "https://ca.test/authz/9"));
        var account = await ca.NewAccountAsync();

        var authorization = await account.NewAuthorizationAsync(AcmeIdentifier.Dns("example.com"), default);

        Assert.That(authorization.Url, Is.EqualTo(FakeCa.Url("/authz/9")));
        Assert.That(ca.Server.Received[^1].Json.GetRawText(), Is.EqualTo("""{"identifier":{"type":"dns","value":"example.com"}}"""));
    }

    [Test]
    public async Task Operations_that_the_directory_lacks_say_so()
    {
        using var ca = new FakeCa();
        using var other = AccountKey.Create(AccountKeyAlgorithm.ES256);
        ca.Server.Directory = """{"newNonce":"https://ca.test/new-nonce","newAccount":"https://ca.test/new-account","newOrder":"https://ca.test/new-order"}""";
        var account = await ca.NewAccountAsync();

        var lacking = new[]
        {
            await Assert.ThrowsAsync<AcmeProtocolException>(() => account.NewAuthorizationAsync(AcmeIdentifier.Dns("example.com"), default)),
            await Assert.ThrowsAsync<AcmeProtocolException>(() => account.RollOverKeyAsync(other, default)),
            await Assert.ThrowsAsync<AcmeProtocolException>(() => account.RevokeCertificateAsync(new byte[] { 1 }, null, default)),
        };

        Assert.That(lacking.Select(e => e!.Message), Is.EqualTo(new[]
        {
            "The server's directory offers no newAuthz.", "The server's directory offers no keyChange.", "The server's directory offers no revokeCert.",
        }));
        Assert.That(await ca.Client.GetRenewalInfoAsync(CertificateId.Parse("a.b"), default), Is.Null);
    }

    [Test]
    public async Task A_key_change_is_signed_by_both_keys()
    {
        using var ca = new FakeCa();
        using var newKey = AccountKey.Create(AccountKeyAlgorithm.ES384);
        ca.Server.OnPost("/key-change", new FakeResponse(200));
        var account = await ca.NewAccountAsync();

        await account.RollOverKeyAsync(newKey, default);

        var (header, payload, input, signature) = JwsVerifier.Read(ca.Server.Received[^1].Json);
        JwsVerifier.Verify(header.GetProperty("jwk"), "ES384", input, signature);
        var inner = System.Text.Json.JsonDocument.Parse(payload).RootElement;
        Assert.Multiple(() =>
        {
            Assert.That(header.EnumerateObject().Select(m => m.Name), Is.EquivalentTo(new[] { "alg", "jwk", "url" }), "section 7.3.5: no nonce inside");
            Assert.That(inner.GetProperty("account").GetString(), Is.EqualTo(FakeAcmeServer.AccountUrl));
            Assert.That(inner.GetProperty("oldKey").GetRawText(), Is.EqualTo(ca.Key.Jwk));
        });
    }

    [Test]
    public async Task A_revocation_sends_the_certificate_and_the_reason()
    {
        using var ca = new FakeCa();
        ca.Server.OnPost("/revoke", new FakeResponse(200));
        var account = await ca.NewAccountAsync();

        await account.RevokeCertificateAsync(new byte[] { 0xfb, 0xff }, RevocationReason.KeyCompromise, default);

        Assert.That(ca.Server.Received[^1].Json.GetRawText(), Is.EqualTo("""{"certificate":"-_8","reason":1}"""));
    }

    [Test]
    public async Task A_list_of_orders_that_never_ends_is_a_protocol_error()
    {
        using var ca = new FakeCa();
        ca.Server.OnPost("/orders", FakeResponse.Json(200, Resources.OrderList).With("Link", "<https://ca.test/orders>;rel=\"next\""));
        var account = await ca.NewAccountAsync();

        await Assert.ThrowsAsync<AcmeProtocolException>(() => account.FindOrderAsync(FakeCa.Url("/orders"), _ => true, _ => true, 100, default));
    }

    [Test]
    public async Task A_listed_order_that_is_gone_is_passed_over_in_a_search()
    {
        using var ca = new FakeCa();
        ca.Server.OnPost("/orders", FakeResponse.Json(200, Resources.OrderList));
        ca.Server.OnPost("/order/1", FakeResponse.Json(200, Resources.ReadyOrder));
        ca.Server.OnPost("/order/2", new FakeResponse(404));
        var account = await ca.NewAccountAsync();

        var found = await account.FindOrderAsync(FakeCa.Url("/orders"), _ => false, o => o.Status == OrderStatus.Ready, 100, default);

        Assert.That(found!.Url, Is.EqualTo(FakeCa.Url("/order/1")));
    }

    [Test]
    public async Task A_search_looks_at_no_more_orders_than_it_may()
    {
        using var ca = new FakeCa();
        ca.Server.OnPost("/orders", FakeResponse.Json(200, Resources.OrderList));
        ca.Server.OnPost("/order/1", FakeResponse.Json(200, Resources.ReadyOrder));
        ca.Server.OnPost("/order/2", new FakeResponse(404));
        var account = await ca.NewAccountAsync();

        var found = await account.FindOrderAsync(FakeCa.Url("/orders"), _ => false, _ => true, 1, default);

        Assert.That(found, Is.Null, "the newest is gone, and the one before it is one too many");
    }
}

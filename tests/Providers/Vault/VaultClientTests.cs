using System.Net;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Vault;
using CertOperator.TestSupport.Proxies;
using CertOperator.TestSupport.Vault;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Vault;

internal sealed class VaultClientTests : VaultTest
{
    private static readonly VaultCall Read = VaultCall.Read("transit/keys/www");

    [SetUp]
    public void Prepare()
    {
        Vault.Mount("transit", new FakeTransit()).Keys["www"] = FakeTransitKey.Create("ecdsa-p256");
        Grant(("transit/keys/www", "read"));
    }

    [Test]
    public async Task A_token_is_used_by_all_until_two_thirds_of_its_time_are_over()
    {
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Client().SendAsync(Read, CancellationToken.None)));
        Time.Advance(TimeSpan.FromMinutes(39));
        await Client().SendAsync(Read, CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((Vault.Tokens.Logins, Vault.Tokens.Renewals), Is.EqualTo((1, 0)));
            Assert.That(Vault.Requests[0].Body.ToJsonString(), Does.Contain("\"role_id\":\"certoperator\""));
        }
    }

    [Test]
    public async Task A_token_is_renewed_when_two_thirds_are_over_once_for_all()
    {
        await Client().SendAsync(Read, CancellationToken.None);
        Time.Advance(TimeSpan.FromMinutes(41));
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Client().SendAsync(Read, CancellationToken.None)));
        Time.Advance(TimeSpan.FromMinutes(39));
        await Client().SendAsync(Read, CancellationToken.None);
        Assert.That((Vault.Tokens.Logins, Vault.Tokens.Renewals), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task Close_to_its_longest_time_a_token_is_replaced()
    {
        Vault.Tokens.AddAppRole("approle", "certoperator", SecretId, new FakeTokenShape("operator") { MaxTtl = TimeSpan.FromMinutes(65) });
        await Client().SendAsync(Read, CancellationToken.None);
        Time.Advance(TimeSpan.FromMinutes(41));
        await Client().SendAsync(Read, CancellationToken.None);
        Assert.That(Vault.Tokens.Logins, Is.EqualTo(2));
    }

    [Test]
    public async Task A_token_that_cannot_be_renewed_is_replaced()
    {
        Vault.Tokens.AddAppRole("approle", "certoperator", SecretId, new FakeTokenShape("operator") { Renewable = false });
        await Client().SendAsync(Read, CancellationToken.None);
        Time.Advance(TimeSpan.FromMinutes(41));
        await Client().SendAsync(Read, CancellationToken.None);
        Assert.That((Vault.Tokens.Logins, Vault.Tokens.Renewals), Is.EqualTo((2, 0)));
    }

    [Test]
    public async Task A_token_that_has_ended_meanwhile_is_replaced()
    {
        await Client().SendAsync(Read, CancellationToken.None);
        Time.Advance(TimeSpan.FromHours(5));
        await Client().SendAsync(Read, CancellationToken.None);
        Assert.That(Vault.Tokens.Logins, Is.EqualTo(2));
    }

    [Test]
    public async Task A_revoked_token_is_replaced_and_the_request_repeated()
    {
        await Client().SendAsync(Read, CancellationToken.None);
        Vault.Tokens.RevokeAll();
        Assert.That((await Client().SendAsync(Read, CancellationToken.None)).IsSuccess, Is.True);
        Assert.That(Vault.Tokens.Logins, Is.EqualTo(2));
    }

    [Test]
    public async Task A_path_that_is_not_granted_is_told_with_the_line_to_add_and_costs_a_client_one_login()
    {
        var client = Client();
        await RefusalAsync(() => client.SendAsync(VaultCall.Read("transit/keys/third"), CancellationToken.None));
        var refusal = await RefusalAsync(() => client.SendAsync(VaultCall.Read("transit/keys/other"), CancellationToken.None));
        await Client().SendAsync(VaultCall.Read("transit/keys/other", HttpStatusCode.Forbidden), CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(refusal.Failure, Is.EqualTo(IssuanceFailure.NeedsManual));
            Assert.That(refusal.Reason, Is.EqualTo(VaultReasons.AccessDenied));
            Assert.That(refusal.Message, Is.EqualTo(
                $"Vault at {Vault.Address.Authority} answered GET transit/keys/other with 403: 1 error occurred: * permission denied. "
                + "Add to the Vault policy of the identity in spec.keyBackendConfig.vault.auth.appRole: path \"transit/keys/other\" { capabilities = [\"read\"] }"));
            Assert.That(Vault.Tokens.Logins, Is.EqualTo(2));
        }
    }

    [Test]
    public async Task Wrong_credentials_are_told_by_the_field_they_are_in_and_never_shown()
    {
        var wrong = new VaultLogin.AppRole("approle", "certoperator", "wrong-secret-id") { Field = "spec.x.auth.appRole" };
        var refusal = await RefusalAsync(() => Client(wrong).SendAsync(Read, CancellationToken.None));
        using (Assert.EnterMultipleScope())
        {
            Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, VaultReasons.LoginRefused)));
            Assert.That(refusal.Message, Does.Contain("POST auth/approle/login with 400: invalid role or secret ID").And.Contain("Check spec.x.auth.appRole"));
            Assert.That(refusal.ToString() + wrong + Server(wrong), Does.Not.Contain("wrong-secret-id"));
        }
    }

    [Test]
    public async Task A_login_that_failed_is_tried_again_by_the_next()
    {
        Vault.IsSealed = true;
        await RefusalAsync(() => Client().SendAsync(Read, CancellationToken.None));
        Vault.IsSealed = false;
        Assert.That((await Client().SendAsync(Read, CancellationToken.None)).IsSuccess, Is.True);
    }

    [Test]
    public async Task A_token_of_somebody_else_is_renewed_as_long_as_it_goes()
    {
        var token = Vault.Tokens.Create(new FakeTokenShape("operator"));
        await Client(TokenLogin(token)).SendAsync(Read, CancellationToken.None);
        for (var i = 0; i < 3; i++)
        {
            Time.Advance(TimeSpan.FromMinutes(45));
            await Client(TokenLogin(token)).SendAsync(Read, CancellationToken.None);
        }

        Assert.That((Vault.Tokens.Logins, Vault.Tokens.Renewals), Is.EqualTo((0, 3)));
    }

    [Test]
    public async Task A_token_of_somebody_else_that_could_not_be_renewed_is_tried_again()
    {
        var token = Vault.Tokens.Create(new FakeTokenShape("operator"));
        await Client(TokenLogin(token)).SendAsync(Read, CancellationToken.None);
        Time.Advance(TimeSpan.FromMinutes(45));
        Vault.IsSealed = true;
        Assert.That((await RefusalAsync(() => Client(TokenLogin(token)).SendAsync(Read, CancellationToken.None))).Failure, Is.EqualTo(IssuanceFailure.Transient));
        Vault.IsSealed = false;
        await Client(TokenLogin(token)).SendAsync(Read, CancellationToken.None);
        Time.Advance(TimeSpan.FromMinutes(12));
        await Client(TokenLogin(token)).SendAsync(Read, CancellationToken.None);
        Assert.That(Vault.Tokens.Renewals, Is.EqualTo(1), "what was left of its time is known again, and two thirds of that are over");
    }

    [Test]
    public async Task A_token_of_somebody_else_that_is_dead_needs_a_person()
    {
        var token = Vault.Tokens.Create(new FakeTokenShape("operator"));
        await Client(TokenLogin(token)).SendAsync(Read, CancellationToken.None);
        Vault.Tokens.RevokeAll();
        var refusal = await RefusalAsync(() => Client(TokenLogin(token)).SendAsync(Read, CancellationToken.None));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(refusal.Failure, Is.EqualTo(IssuanceFailure.NeedsManual));
            Assert.That(refusal.Message, Does.Contain("The token in spec.keyBackendConfig.vault.auth.token.secretName has ended or was revoked"));
            Assert.That(refusal.ToString(), Does.Not.Contain(token));
        }
    }

    [Test]
    public async Task A_token_that_may_not_look_itself_up_still_works()
    {
        var token = Vault.Tokens.Create(new FakeTokenShape("operator") { WithoutDefault = true });
        Assert.That((await Client(TokenLogin(token)).SendAsync(Read, CancellationToken.None)).IsSuccess, Is.True);
        var capabilities = await Client(TokenLogin(token)).FindCapabilitiesAsync(["transit/keys/www"], CancellationToken.None);
        Assert.That(capabilities, Is.Null);
    }

    [Test]
    public async Task A_service_account_logs_in_with_a_token_of_the_cluster()
    {
        Vault.Tokens.AddKubernetesRole("k8s/prod/web", "shop/web", "vault", new FakeTokenShape("operator"));
        Vault.Tokens.ReviewAsync = jwt => Task.FromResult<(string, IReadOnlyList<string>)?>(jwt == "the.cluster.token" ? ("shop/web", ["vault"]) : null);
        var asked = 0;
        var login = new VaultLogin.Kubernetes("k8s/prod", "web", "shop/web for audience vault", _ => Task.FromResult(asked++ == 0 ? "the.cluster.token" : "used.up")) { Field = "spec.x.auth.kubernetes" };
        await Client(login).SendAsync(Read, CancellationToken.None);
        await Client(login).SendAsync(Read, CancellationToken.None);
        Assert.That(asked, Is.EqualTo(1));

        Vault.Tokens.RevokeAll();
        var refusal = await RefusalAsync(() => Client(login).SendAsync(Read, CancellationToken.None));
        Assert.That(refusal.Failure, Is.EqualTo(IssuanceFailure.Failed), "Vault says so too where it could not have the token reviewed");
        Assert.That(refusal.Message, Does.Contain("role web of the auth method at k8s/prod is bound to service account shop/web"));
    }

    [Test]
    public async Task A_namespace_has_engines_of_its_own_and_is_named_in_refusals()
    {
        Vault.Mount("transit", new FakeTransit(), "team/a").Keys["theirs"] = FakeTransitKey.Create("rsa-2048");
        Grant(("transit/keys/theirs", "read"));
        Assert.That((await Client(@namespace: "team/a").SendAsync(VaultCall.Read("transit/keys/theirs"), CancellationToken.None)).IsSuccess, Is.True);
        var refusal = await RefusalAsync(() => Client(@namespace: "team/a").SendAsync(Read, CancellationToken.None));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(refusal.Message, Does.Contain("GET transit/keys/www in namespace team/a with 403").And.Contain("Vault policy in namespace team/a"));
            Assert.That(Vault.Requests.Select(r => r.Namespace).Distinct(), Is.EqualTo(new[] { "team/a" }));
            Assert.That(Server(@namespace: "team/a").UrlOf("transit/keys/theirs").AbsoluteUri, Is.EqualTo($"{Vault.Address}v1/team/a/transit/keys/theirs"));
        }
    }

    [TestCase(503, "Vault is sealed", IssuanceFailure.Transient, VaultReasons.Sealed, "Unseal it")]
    [TestCase(429, "request path quota exceeded", IssuanceFailure.Transient, IssuanceReasons.RateLimited, "tries again")]
    [TestCase(412, "required index state not present", IssuanceFailure.Transient, IssuanceReasons.ServerError, "tries again")]
    [TestCase(500, "internal error", IssuanceFailure.Transient, IssuanceReasons.ServerError, "tries again")]
    [TestCase(501, "Vault is not initialized", IssuanceFailure.Failed, VaultReasons.Sealed, "Initialize it")]
    [TestCase(472, "", IssuanceFailure.Failed, VaultReasons.RequestRefused, "secondary")]
    [TestCase(307, "", IssuanceFailure.Failed, VaultReasons.RequestRefused, "standby")]
    [TestCase(400, "odd request", IssuanceFailure.Failed, VaultReasons.RequestRefused, "odd request")]
    [TestCase(404, "no handler for route", IssuanceFailure.NeedsManual, VaultReasons.NothingMounted, "mounted")]
    [TestCase(418, "", IssuanceFailure.Failed, VaultReasons.NotAVaultServer, "Check spec.keyBackendConfig.vault.address")]
    public async Task A_refusal_says_what_can_be_done(int status, string error, IssuanceFailure failure, string reason, string advice)
    {
        Vault.Interfere = r => r.Path.StartsWith("transit/", StringComparison.Ordinal)
            ? ProxiedAnswer.Of(status, "application/json", $$"""{"errors":["{{error}}"]}""", ("Retry-After", "7"), ("Location", "https://active.example/"))
            : null;
        var refusal = await RefusalAsync(() => Client().SendAsync(Read, CancellationToken.None));
        using (Assert.EnterMultipleScope())
        {
            Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((failure, reason)));
            Assert.That(refusal.Message, Does.Contain(error).And.Contain(advice));
            Assert.That(refusal.RetryAfter, Is.EqualTo(status is 503 or 429 or 412 or 500 ? TimeSpan.FromSeconds(7) : null));
        }
    }

    [Test]
    public async Task An_answer_that_breaks_off_is_tried_again()
    {
        await Client().LogInAsync(CancellationToken.None);
        Vault.BreakOff = _ => true;
        var refusal = await RefusalAsync(() => Client().SendAsync(Read, CancellationToken.None));
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.Transient, IssuanceReasons.ServerUnreachable)));
        Vault.BreakOff = _ => false;
        Assert.That((await Client().SendAsync(Read, CancellationToken.None)).IsSuccess, Is.True);
    }

    [Test]
    public async Task An_answer_that_stalls_after_its_headers_is_tried_again()
    {
        await Client().LogInAsync(CancellationToken.None);
        var stalled = StallOnce("transit/");
        var asking = Client().SendAsync(Read, CancellationToken.None);
        await stalled;
        Time.Advance(TimeSpan.FromSeconds(61));
        var refusal = await RefusalAsync(() => asking);
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.Transient, IssuanceReasons.ServerUnreachable)));
        Assert.That(refusal.Message, Does.Contain("did not answer GET transit/keys/www within 60 s"));
        Assert.That((await Client().SendAsync(Read, CancellationToken.None)).IsSuccess, Is.True);
    }

    [Test]
    public async Task A_login_that_stalls_ends_for_all_and_is_tried_again_by_the_next()
    {
        using var gone = new CancellationTokenSource();
        var stalled = StallOnce("auth/approle/login");
        var first = Client().SendAsync(Read, gone.Token);
        var second = Client().SendAsync(Read, CancellationToken.None);
        await stalled;
        await gone.CancelAsync();
        Assert.That(async () => await first, Throws.InstanceOf<OperationCanceledException>());
        Time.Advance(TimeSpan.FromSeconds(61));
        Assert.That((await RefusalAsync(() => second)).Failure, Is.EqualTo(IssuanceFailure.Transient));
        Assert.That((await Client().SendAsync(Read, CancellationToken.None)).IsSuccess, Is.True);
    }

    [Test]
    public async Task A_login_that_fails_when_nobody_waits_for_it_any_more_is_tried_again_by_the_next()
    {
        Vault.Tokens.AddKubernetesRole("kubernetes/web", "shop/web", "vault", new FakeTokenShape("operator"));
        Vault.Tokens.ReviewAsync = _ => Task.FromResult<(string, IReadOnlyList<string>)?>(("shop/web", ["vault"]));
        var first = new TaskCompletionSource<string>();
        var asked = 0;
        var login = new VaultLogin.Kubernetes("kubernetes", "web", "shop/web for audience vault", _ => asked++ == 0 ? first.Task : Task.FromResult("the.cluster.token")) { Field = "spec.x.auth.kubernetes" };
        using var gone = new CancellationTokenSource();
        var asking = Client(login).SendAsync(Read, gone.Token);
        await gone.CancelAsync();
        Assert.That(async () => await asking, Throws.InstanceOf<OperationCanceledException>());
        first.SetException(new IssuanceException(IssuanceFailure.Transient, VaultReasons.LoginRefused, "no token"));
        Assert.That((await Client(login).SendAsync(Read, CancellationToken.None)).IsSuccess, Is.True);
    }

    [Test]
    public async Task What_was_granted_to_the_identity_after_the_login_counts()
    {
        await Client().SendAsync(Read, CancellationToken.None);
        Vault.Tokens.SetPolicy("more", ("transit/keys/other", "read"));
        Vault.Tokens.AddAppRole("approle", "certoperator", SecretId, new FakeTokenShape("operator", "more"));
        var other = VaultCall.Read("transit/keys/other", HttpStatusCode.NotFound);
        Assert.That((await Client().SendAsync(other, CancellationToken.None)).Status, Is.EqualTo(HttpStatusCode.NotFound));
        await Client().SendAsync(other, CancellationToken.None);
        Assert.That(Vault.Tokens.Logins, Is.EqualTo(2));
    }

    [Test]
    public async Task A_check_sees_what_was_granted_to_the_identity_after_the_login()
    {
        await Client().SendAsync(Read, CancellationToken.None);
        Vault.Tokens.SetPolicy("more", ("transit/keys/other", "read"));
        Vault.Tokens.AddAppRole("approle", "certoperator", SecretId, new FakeTokenShape("operator", "more"));
        var rows = await VaultNeed.CheckAsync(Client(), [new VaultNeed("transit/keys/other", "read"), new VaultNeed("transit/keys/www", "update", "It is not needed.")], CancellationToken.None);
        Assert.That(rows.Select(r => r.Granted), Is.EqualTo(new bool?[] { true, null }));
    }

    [Test]
    public async Task A_refusal_takes_the_token_from_nobody_where_there_is_no_other_to_be_had()
    {
        await Client().SendAsync(Read, CancellationToken.None);
        Vault.Tokens.AddAppRole("approle", "certoperator", "another secret id", new FakeTokenShape("operator"));
        var refusal = await RefusalAsync(() => Client().SendAsync(VaultCall.Read("transit/keys/other"), CancellationToken.None));
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, VaultReasons.AccessDenied)));
        Assert.That((await Client().SendAsync(Read, CancellationToken.None)).IsSuccess, Is.True);
        Assert.That(Vault.Tokens.Logins, Is.EqualTo(1));
    }

    [TestCase("<html>Welcome</html>", "no JSON")]
    [TestCase("{}", "without a token")]
    [TestCase("null", "null")]
    [TestCase("""{"auth":{"client_token":"a\nb"}}""", "without a token")]
    public async Task What_is_no_Vault_is_recognised(string body, string expected)
    {
        Vault.Interfere = _ => ProxiedAnswer.Of(200, "text/html", body);
        var refusal = await RefusalAsync(() => Client().SendAsync(Read, CancellationToken.None));
        Assert.That(refusal.Reason, Is.EqualTo(VaultReasons.NotAVaultServer));
        Assert.That(refusal.Message, Does.Contain(expected).And.Contain("Check spec.keyBackendConfig.vault.address"));
    }

    [Test]
    public async Task An_answer_larger_than_any_of_Vaults_is_not_read()
    {
        await Client().LogInAsync(CancellationToken.None);
        Vault.Interfere = _ => ProxiedAnswer.Of(200, "application/json", new string(' ', 1024 * 1024 + 1));
        Assert.That((await RefusalAsync(() => Client().SendAsync(Read, CancellationToken.None))).Message, Does.Contain("more than 1024 KiB"));
    }

    [Test]
    public async Task A_server_that_is_not_trusted_or_not_there_is_told()
    {
        var distrust = await RefusalAsync(() => Clients.Create(Server() with { CaBundle = null }).SendAsync(Read, CancellationToken.None));
        Assert.That((distrust.Failure, distrust.Reason), Is.EqualTo((IssuanceFailure.Failed, IssuanceReasons.ServerNotTrusted)));
        var denied = await RefusalAsync(() => Clients.Create(Server() with { Address = new Uri("https://169.254.169.254") }).SendAsync(Read, CancellationToken.None));
        Assert.That(denied.Reason, Is.EqualTo(IssuanceReasons.EgressDenied));
        var absent = await RefusalAsync(() => Clients.Create(Server() with { Address = new Uri("https://127.0.0.1:9") }).SendAsync(Read, CancellationToken.None));
        Assert.That((absent.Failure, absent.Reason), Is.EqualTo((IssuanceFailure.Transient, IssuanceReasons.ServerUnreachable)));
    }

    [Test]
    public async Task One_that_gives_up_waiting_takes_no_token_from_the_others()
    {
        using var gone = new CancellationTokenSource();
        Vault.Interfere = _ =>
        {
            gone.Cancel();
            return null;
        };
        Assert.That(async () => await Client().SendAsync(Read, gone.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That((await Client().SendAsync(Read, CancellationToken.None)).IsSuccess, Is.True);
        Assert.That(Vault.Tokens.Logins, Is.EqualTo(1));
    }

    /// <summary>Completes when the answer to the first such request stalls.</summary>
    private Task StallOnce(string path)
    {
        var stalled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Vault.Stall = r => r.Path.StartsWith(path, StringComparison.Ordinal) && stalled.TrySetResult();
        return stalled.Task;
    }
}

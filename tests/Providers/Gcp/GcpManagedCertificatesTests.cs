using System.Text.Json.Nodes;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Gcp;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Pki;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Gcp;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Gcp;

public sealed class GcpManagedCertificatesTests
{
    private const string Field = "spec.providerConfig.gcpCm";
    private const string Parent = $"projects/{FakeGoogle.Project}/locations/{FakeGoogle.Location}";

    private readonly ManualTimeProvider _time = new(new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero));
    private FakeGoogle _google = null!;
    private EgressHttpClients _http = null!;
    private GcpManagedCertificates _provider = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _google = await FakeGoogle.StartAsync(_time);
        _http = new EgressHttpClients(new EgressDialer(new EgressPolicy([System.Net.IPNetwork.Parse("127.0.0.0/8")]), new SystemAddressResolver(), TimeProvider.System), TimeProvider.System);
        _provider = NewProcess();
    }

    [TearDown]
    public async Task StopAsync()
    {
        var violations = _google.Violations;
        await _google.DisposeAsync();
        _http.Dispose();
        Assert.That(violations, Is.Empty);
    }

    [Test]
    public async Task A_wildcard_and_its_domain_are_proven_by_one_record_and_issued_as_one_certificate()
    {
        var request = Request("*.shop.example", "shop.example");

        var order = await OrderAsync(request);
        var challenge = order.Challenges!.Single();
        Assert.That((challenge.Hostname, challenge.Token), Is.EqualTo(("shop.example", "_acme-challenge.shop.example")));
        Assert.That(order.Url, Does.StartWith($"{Parent}/certificates/certoperator-shop-www-"));
        Point(challenge);
        var issued = await IssueAsync(request, order);

        using var chain = CertificateChain.Parse(issued.ChainPem, PemLimits.Issued);
        Assert.That(chain.Facts.Names, Is.EquivalentTo(new[] { "*.shop.example", "shop.example" }));
        Assert.That((issued.Key!.Place, issued.Key.Key), Is.EqualTo((KeyPlaces.GcpCm, order.Url)));
        Assert.That(issued.Key.PublicKeySha256, Is.EqualTo(KeyReference.Fingerprint(chain.Leaf.PublicKey.ExportSubjectPublicKeyInfo())));
        Assert.That(_google.Count("POST", "/token"), Is.EqualTo(1), "one token is used until it ends");
    }

    [Test]
    public async Task A_process_that_is_killed_anywhere_leaves_nothing_that_the_next_one_makes_twice()
    {
        var request = Request("www.shop.example");
        var order = await OrderAsync(request);
        Point(order.Challenges!.Single());

        _provider = NewProcess();
        await _provider.SolveAsync(request, new OrderSession(order), CancellationToken.None);
        _google.Certificates.FinishOperations();
        _provider = NewProcess();
        var found = await _provider.FindOrderAsync(request, order.Url!, CancellationToken.None);
        await IssueAsync(request, found!.Order);

        Assert.That(_google.Count("POST", "/dnsAuthorizations"), Is.EqualTo(1));
        Assert.That(_google.Count("POST", "/certificates"), Is.EqualTo(1));
    }

    [Test]
    public async Task While_Google_does_not_see_the_record_the_run_waits_and_says_what_is_missing()
    {
        var request = Request("www.shop.example");
        var order = await OrderAsync(request);
        var session = new OrderSession(order);
        await SolveAsync(request, session);

        var waits = (IssuanceProgress.Pending)await FinalizeAsync(request, session);

        Assert.That(waits.Message, Does.Contain("www.shop.example: CONFIG").And.Contain("No CNAME record"));
    }

    [Test]
    public async Task The_certificate_in_use_is_not_taken_for_a_new_one_and_that_which_Google_has_renewed_is()
    {
        var request = Request("www.shop.example");
        var order = await OrderAsync(request);
        Point(order.Challenges!.Single());
        var first = await IssueAsync(request, order);
        using var chain = CertificateChain.Parse(first.ChainPem, PemLimits.Issued);
        var renewal = request with { InUse = chain.Facts.Fingerprint, RunUid = "run-2" };

        var waits = await FinalizeAsync(renewal, new OrderSession(order));
        Assert.That((waits as IssuanceProgress.Pending)?.Message, Does.Contain("Google renews certificate"));
        Assert.That(await FinalizeAsync(renewal with { IsAskedFor = true }, new OrderSession(order)), Is.TypeOf<IssuanceProgress.Issued>(), "nobody can make Google renew");

        _google.Certificates.Renew(order.Url![(Parent.Length + 1)..]);
        Assert.That(await FinalizeAsync(renewal, new OrderSession(order)), Is.TypeOf<IssuanceProgress.Issued>());
        Assert.That(_google.Count("POST", "/certificates"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_token_that_Google_no_longer_takes_is_replaced_at_the_next_try()
    {
        var request = Request("www.shop.example");
        await _provider.PrepareAsync(request, CancellationToken.None);
        _google.RevokeTokens();

        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => _provider.PrepareAsync(request, CancellationToken.None));
        Assert.That(refusal!.Failure, Is.EqualTo(IssuanceFailure.Transient));
        await _provider.PrepareAsync(request, CancellationToken.None);
        Assert.That(_google.Count("POST", "/token"), Is.EqualTo(2));
    }

    [Test]
    public async Task A_token_that_was_given_out_just_now_and_is_refused_needs_a_person()
    {
        _google.Intercept = r => r.Path == "/token" ? null : FakeGoogle.Error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.");
        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => _provider.PrepareAsync(Request("www.shop.example"), CancellationToken.None));
        Assert.That((refusal!.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, GcpReasons.CredentialsRefused)));
        Assert.That(refusal.Message, Does.Contain("Secret google").And.Contain($"{Field}.credentialsSecretName"));
    }

    [Test]
    public async Task A_key_that_Google_does_not_know_needs_a_person()
    {
        await using var other = await FakeGoogle.StartAsync(_time);
        var stranger = GoogleServiceAccount.Parse(other.KeyFile.Replace(other.Address.AbsoluteUri, _google.Address.AbsoluteUri, StringComparison.Ordinal));
        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => _provider.PrepareAsync(Request(stranger, "www.shop.example"), CancellationToken.None));
        Assert.That((refusal!.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, GcpReasons.CredentialsRefused)));
        Assert.That(refusal.Message, Does.Contain("Invalid JWT Signature"));
    }

    [Test]
    public async Task Without_permission_the_role_and_the_project_are_named()
    {
        var request = Request("www.shop.example");
        var elsewhere = request with { Issuer = Issuer(GoogleServiceAccount.Parse(_google.KeyFile)) with { Access = AccessFor(GoogleServiceAccount.Parse(_google.KeyFile)) with { Project = "not-ours" } } };
        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => _provider.PrepareAsync(elsewhere, CancellationToken.None));
        Assert.That((refusal!.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, GcpReasons.AccessDenied)));
        Assert.That(refusal.Message, Does.Contain("certificatemanager.certs.get").And.Contain("roles/certificatemanager.editor").And.Contain("not-ours").And.Contain(FakeGoogle.Email));
    }

    [TestCase(429, "RESOURCE_EXHAUSTED", IssuanceFailure.Transient, IssuanceReasons.RateLimited)]
    [TestCase(503, "UNAVAILABLE", IssuanceFailure.Transient, IssuanceReasons.ServerError)]
    [TestCase(400, "INVALID_ARGUMENT", IssuanceFailure.Failed, GcpReasons.RequestRefused)]
    [TestCase(409, "ABORTED", IssuanceFailure.Transient, GcpReasons.RequestRefused)]
    public async Task A_refusal_says_what_Google_said_and_what_comes_of_it(int code, string status, IssuanceFailure failure, string reason)
    {
        _google.Intercept = r => r.Path == "/token" ? null : FakeGoogle.Error(code, status, "The words of Google.");
        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => _provider.PrepareAsync(Request("www.shop.example"), CancellationToken.None));
        Assert.That((refusal!.Failure, refusal.Reason), Is.EqualTo((failure, reason)));
        Assert.That(refusal.Message, Does.Contain("The words of Google."));
    }

    [TestCase("{\"name\":\"projects/shop-12")]
    [TestCase("<html>502 Bad Gateway</html>")]
    [TestCase("null")]
    public async Task An_answer_that_was_cut_off_is_asked_for_again(string body)
    {
        _google.Intercept = r => r.Path == "/token" ? null : ProxiedAnswer.Of(200, "application/json", body);
        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => _provider.PrepareAsync(Request("www.shop.example"), CancellationToken.None));
        Assert.That((refusal!.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.Transient, GcpReasons.UnexpectedAnswer)));
    }

    [Test]
    public async Task An_answer_that_never_ends_is_cut_off_by_its_size()
    {
        _google.Intercept = r => r.Path == "/token" ? null : ProxiedAnswer.Of(200, "application/json", new string(' ', 5 * 1024 * 1024));
        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => _provider.PrepareAsync(Request("www.shop.example"), CancellationToken.None));
        Assert.That(refusal!.Failure, Is.EqualTo(IssuanceFailure.Transient));
    }

    [Test]
    public async Task A_certificate_that_Google_could_not_issue_is_explained()
    {
        var request = Request("www.shop.example");
        var order = await OrderAsync(request);
        var session = new OrderSession(order);
        await SolveAsync(request, session);
        _google.Certificates.Change(order.Url![(Parent.Length + 1)..], c =>
        {
            c["managed"]!["state"] = "FAILED";
            c["managed"]!["provisioningIssue"] = new JsonObject { ["reason"] = "AUTHORIZATION_ISSUE", ["details"] = "Domain authorization failed." };
            c["managed"]!["authorizationAttemptInfo"] = new JsonArray(new JsonObject { ["domain"] = "www.shop.example", ["state"] = "FAILED", ["failureReason"] = "CAA", ["details"] = "CAA forbids it." });
        });

        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => FinalizeAsync(request, session));
        Assert.That((refusal!.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, GcpReasons.NotProvisioned)));
        Assert.That(refusal.Message, Does.Contain("Domain authorization failed.").And.Contain("Allow pki.goog in the CAA records"));
    }

    [Test]
    public async Task A_certificate_of_other_names_is_not_taken_for_the_policys()
    {
        var request = Request("www.shop.example") with { Issuer = Issuer(GoogleServiceAccount.Parse(_google.KeyFile)) with { CertificateId = "ours" } };
        var order = await OrderAsync(request);
        await SolveAsync(request, new OrderSession(order));

        var changed = request with { Names = ["api.shop.example"] };
        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => _provider.PrepareAsync(changed, CancellationToken.None));
        Assert.That((refusal!.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, GcpReasons.NameTaken)));
        Assert.That(refusal.Message, Does.Contain("is for www.shop.example").And.Contain("asks for api.shop.example").And.Contain($"{Field}.certificate"));
    }

    [Test]
    public async Task A_certificate_that_is_gone_is_ordered_again()
    {
        var request = Request("www.shop.example");
        var order = await OrderAsync(request);
        Assert.That(await FinalizeAsync(request, new OrderSession(order)), Is.TypeOf<IssuanceProgress.OrderGone>());
    }

    [Test]
    public async Task A_dry_run_changes_nothing_and_says_what_there_is()
    {
        var request = Request("www.shop.example");
        var rows = await _provider.CheckAsync(request, CancellationToken.None);
        Assert.That(rows.Select(r => r.Passed), Is.EqualTo(new bool?[] { true, null }));
        Assert.That(_google.Certificates.Names, Is.Empty);

        await OrderAsync(request);
        rows = await _provider.CheckAsync(request, CancellationToken.None);
        Assert.That(rows[1].Evidence, Does.Contain("_acme-challenge.www.shop.example."));
    }

    [Test]
    public void Names_of_resources_are_short_unlike_each_other_and_always_the_same()
    {
        var many = string.Concat(Enumerable.Repeat("very-long.", 20)) + "example.com";
        string[] ids = [GcpNames.AuthorizationId("a.example.com"), GcpNames.AuthorizationId("a-example.com"), GcpNames.AuthorizationId(many), GcpNames.CertificateId("a/b-c", ["x"]), GcpNames.CertificateId("a-b/c", ["x"]), GcpNames.CertificateId("a/b-c", ["y"])];
        Assert.That(ids, Is.Unique);
        Assert.That(ids, Has.All.Matches("^[a-z][a-z0-9-]{0,61}[a-z0-9]$"));
        Assert.That(GcpNames.CertificateId("a/b", ["x", "y"]), Is.EqualTo(GcpNames.CertificateId("a/b", ["y", "x"])));
    }

    private GcpManagedCertificates NewProcess() => new(new GcpIdentities(_http, _ => throw new InvalidOperationException("not asked for"), _time), _http);

    private IssuanceRequest Request(params string[] names) => Request(GoogleServiceAccount.Parse(_google.KeyFile), names);

    private IssuanceRequest Request(GoogleServiceAccount account, params string[] names)
        => new() { Issuer = Issuer(account) with { CertificateId = GcpNames.CertificateId("shop/www", names) }, RunUid = "run-1", Owner = "shop/www", Names = names, Challenge = ChallengeKind.Dns01 };

    private GcpIssuer Issuer(GoogleServiceAccount account)
        => new() { Field = Field, Server = new Uri(_google.Address, Parent), CertificateId = "id", Access = AccessFor(account) };

    private GcpAccess AccessFor(GoogleServiceAccount account)
        => new() { Field = Field, Endpoint = _google.Address, Project = FakeGoogle.Project, Location = FakeGoogle.Location, CaBundle = _google.CaPem, Account = account, CredentialsSecretName = "google" };

    private void Point(RunChallenge challenge) => _google.Certificates.Resolve = name => Task.FromResult(name == challenge.Token ? challenge.KeyAuthorization : null);

    private async Task<RunOrder> OrderAsync(IssuanceRequest request)
    {
        var placed = await _provider.PlaceOrderAsync(request, mayExist: false, _ => false, CancellationToken.None);
        while (placed.Pending is not null)
        {
            _google.Certificates.FinishOperations();
            placed = (await _provider.FindOrderAsync(request, placed.Order.Url!, CancellationToken.None))!;
        }

        return placed.Order;
    }

    private async Task SolveAsync(IssuanceRequest request, OrderSession session)
    {
        while (await _provider.SolveAsync(request, session, CancellationToken.None) is not IssuanceProgress.Done)
        {
        }
    }

    private async Task<IssuanceProgress.Issued> IssueAsync(IssuanceRequest request, RunOrder order)
    {
        var session = new OrderSession(order);
        await SolveAsync(request, session);
        return (IssuanceProgress.Issued)await FinalizeAsync(request, session);
    }

    private Task<IssuanceProgress> FinalizeAsync(IssuanceRequest request, OrderSession session)
        => _provider.FinalizeAsync(request, session, _ => throw new InvalidOperationException("Google makes the key."), CancellationToken.None);
}

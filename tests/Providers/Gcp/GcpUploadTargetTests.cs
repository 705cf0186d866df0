using System.Text.Json.Nodes;
using CertOperator.Providers.Deployments;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Gcp;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Pki;
using CertOperator.Providers.Tests.Deployments;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Certificates;
using CertOperator.TestSupport.Gcp;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Gcp;

public sealed class GcpUploadTargetTests
{
    private const string Field = "spec.deploy.targets[0].gcpCm";
    private const string Id = "shop-www";
    private const string Name = $"projects/{FakeGoogle.Project}/locations/{FakeGoogle.Location}/certificates/{Id}";
    private static readonly TargetOwner Owner = new("uid-1", "shop/www");
    private static readonly TargetPlace Place = new(Name, null);
    private static readonly TargetKey Key = new(KeyAlgorithm.Ecdsa, 256);

    private readonly ManualTimeProvider _time = new(new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero));
    private FakeGoogle _google = null!;
    private EgressHttpClients _http = null!;
    private TestAuthority _root = null!;
    private TestPair _first = null!;
    private TestPair _second = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _google = await FakeGoogle.StartAsync(_time);
        _http = new EgressHttpClients(new EgressDialer(new EgressPolicy([System.Net.IPNetwork.Parse("127.0.0.0/8")]), new SystemAddressResolver(), TimeProvider.System), TimeProvider.System);
        _root = TestAuthority.CreateRoot(_time);
        var authority = _root.CreateIntermediate();
        (_first, _second) = (new TestPair(authority), new TestPair(authority));
    }

    [TearDown]
    public async Task StopAsync()
    {
        var violations = _google.Violations;
        await _google.DisposeAsync();
        _http.Dispose();
        _first.Dispose();
        _second.Dispose();
        _root.Dispose();
        Assert.That(violations, Is.Empty);
    }

    [Test]
    public async Task A_pair_is_uploaded_and_the_next_one_takes_its_place_once_Google_is_done()
    {
        _google.Certificates.Looks = 2;
        var target = Target();
        var begun = (TargetProgress.Pending)await target.PutAsync(_first.Pair, Owner, Place, CancellationToken.None);
        Assert.That((begun.RemoteId, begun.RetryAfter), Is.EqualTo((Name, TimeSpan.FromSeconds(2))));
        var place = Place with { Operation = begun.Operation };
        Assert.That(await target.PutAsync(_first.Pair, Owner, place, CancellationToken.None), Is.EqualTo(begun), "not done yet");
        Assert.That(await target.PutAsync(_first.Pair, Owner, place, CancellationToken.None), Is.EqualTo(new TargetProgress.Done(Name)));
        Assert.That(Held, Is.EqualTo(_first.Leaf.ChainPem));
        Assert.That(_google.Certificates.Find($"certificates/{Id}")!["labels"]!["managed-by"]!.GetValue<string>(), Is.EqualTo("certoperator"));
        var created = JsonNode.Parse(_google.Requests.Single(r => r.Method == "POST" && r.Path.EndsWith("/certificates", StringComparison.Ordinal)).Body)!;
        Assert.That(created["selfManaged"]!["pemPrivateKey"]!.GetValue<string>(), Is.EqualTo(_first.Leaf.KeyPem));

        await FinishAsync(_second);
        Assert.That(Held, Is.EqualTo(_second.Leaf.ChainPem));
        Assert.That((_google.Count("POST", "/certificates"), _google.Count("PATCH", $"/certificates/{Id}")), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task What_is_there_already_is_not_uploaded_again()
    {
        await FinishAsync(_first);
        Assert.That(await Target().PutAsync(_first.Pair, Owner, Place, CancellationToken.None), Is.EqualTo(new TargetProgress.Done(Name)), "as after an answer that was lost");
        Assert.That(_google.Count("PATCH", ""), Is.Zero);
    }

    [Test]
    public async Task An_operation_that_Google_has_forgotten_is_no_loss()
    {
        await FinishAsync(_first);
        var forgotten = Place with { Operation = $"projects/{FakeGoogle.Project}/locations/{FakeGoogle.Location}/operations/operation-99" };
        Assert.That(await Target().PutAsync(_second.Pair, Owner, forgotten, CancellationToken.None), Is.InstanceOf<TargetProgress.Pending>());
        Assert.That(_google.Count("PATCH", ""), Is.EqualTo(1));
    }

    [Test]
    public async Task A_certificate_that_Google_issues_is_left_alone()
    {
        await FinishAsync(_first);
        _google.Certificates.Change($"certificates/{Id}", c => c["managed"] = new JsonObject { ["state"] = "ACTIVE", ["domains"] = new JsonArray("www.example.com") });
        var refusal = await RefusalAsync(Place);
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, GcpReasons.NameTaken)));
        Assert.That(refusal.Message, Does.Contain(Name).And.Contain($"{Field}.certificate"));
        Assert.That((await Target().CheckAsync(Name, Key, CancellationToken.None))[0], Has.Property("Passed").False);
    }

    [TestCase(403, "PERMISSION_DENIED", IssuanceFailure.NeedsManual, GcpReasons.AccessDenied)]
    [TestCase(429, "RESOURCE_EXHAUSTED", IssuanceFailure.Transient, IssuanceReasons.RateLimited)]
    [TestCase(503, "UNAVAILABLE", IssuanceFailure.Transient, IssuanceReasons.ServerError)]
    [TestCase(409, "ABORTED", IssuanceFailure.Transient, GcpReasons.RequestRefused)]
    [TestCase(409, "ALREADY_EXISTS", IssuanceFailure.Transient, GcpReasons.RequestRefused)]
    [TestCase(400, "INVALID_ARGUMENT", IssuanceFailure.Failed, GcpReasons.RequestRefused)]
    public async Task A_refusal_says_what_can_be_done(int code, string status, IssuanceFailure failure, string reason)
    {
        _google.Intercept = r => r.Method == "POST" && r.Path != "/token" ? FakeGoogle.Error(code, status, "No.") : null;
        var refusal = await RefusalAsync(Place);
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((failure, reason)), refusal.Message);
        Assert.That(refusal.Message, Does.Not.Contain("PRIVATE"));
    }

    [Test]
    public async Task An_operation_that_ends_badly_says_why()
    {
        _google.Intercept = r => r.Path.Contains("/operations/", StringComparison.Ordinal)
            ? ProxiedAnswer.Of(200, "application/json", $$$"""{"name":"{{{r.Path[4..]}}}","done":true,"error":{"code":7,"message":"Not yours."}}""")
            : null;
        var begun = (TargetProgress.Pending)await Target().PutAsync(_first.Pair, Owner, Place, CancellationToken.None);
        var refusal = await RefusalAsync(Place with { Operation = begun.Operation });
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, GcpReasons.AccessDenied)));
        Assert.That(refusal.Message, Does.Contain("Not yours").And.Contain("roles/certificatemanager.editor"));
    }

    [TestCase("{}")]
    [TestCase("{\"name\":\"proj")]
    public async Task A_half_written_answer_is_asked_for_again(string body)
    {
        _google.Intercept = r => r.Method == "POST" && r.Path != "/token" ? ProxiedAnswer.Of(200, "application/json", body) : null;
        Assert.That((await RefusalAsync(Place)).Failure, Is.EqualTo(IssuanceFailure.Transient));
    }

    [Test]
    public async Task A_dry_run_looks_and_changes_nothing()
    {
        var rows = await Target().CheckAsync(null, Key, CancellationToken.None);
        Assert.That(rows.Select(r => r.Passed), Is.EqualTo(new bool?[] { true, null }));
        Assert.That(rows[0].Evidence, Does.Contain("a live run would upload it"));
        await FinishAsync(_first);
        Assert.That((await Target().CheckAsync(Name, Key, CancellationToken.None))[0].Evidence, Does.Contain("would replace what it holds"));
        _google.Intercept = r => r.Method == "GET" ? FakeGoogle.Error(403, "PERMISSION_DENIED", "No.") : null;
        Assert.That((await Target().CheckAsync(Name, Key, CancellationToken.None))[0], Has.Property("Passed").False.And.Property("Evidence").Contains("roles/certificatemanager.editor"));
        Assert.That((_google.Count("POST", "/certificates"), _google.Count("PATCH", "")), Is.EqualTo((1, 0)));
    }

    private string? Held => _google.Certificates.Find($"certificates/{Id}")?["pemCertificate"]?.GetValue<string>();

    private async Task FinishAsync(TestPair pair)
    {
        var progress = await Target().PutAsync(pair.Pair, Owner, Place, CancellationToken.None);
        for (var i = 0; progress is TargetProgress.Pending pending; i++)
        {
            Assert.That(i, Is.LessThan(5));
            progress = await Target().PutAsync(pair.Pair, Owner, Place with { Operation = pending.Operation }, CancellationToken.None);
        }

        Assert.That(progress, Is.EqualTo(new TargetProgress.Done(Name)));
    }

    private async Task<IssuanceException> RefusalAsync(TargetPlace place)
        => (await Assert.ThrowsAsync<IssuanceException>(() => Target().PutAsync(_first.Pair, Owner, place, CancellationToken.None)))!;

    private GcpUploadTarget Target()
        => new(
            new GcpAccess
            {
                Field = Field,
                Endpoint = _google.Address,
                Project = FakeGoogle.Project,
                Location = FakeGoogle.Location,
                CaBundle = _google.CaPem,
                Account = GoogleServiceAccount.Parse(_google.KeyFile),
                CredentialsSecretName = "google",
            },
            new GcpIdentities(_http, _ => throw new InvalidOperationException("not asked for"), _time),
            _http,
            Id);
}

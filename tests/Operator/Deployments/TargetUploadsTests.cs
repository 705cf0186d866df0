using System.Security.Cryptography;
using System.Text;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Deployments;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Runs;
using CertOperator.Operator.Secrets;
using CertOperator.Operator.Tests.Builders;
using CertOperator.Operator.Tests.Fakes;
using CertOperator.Providers.Deployments;
using CertOperator.Providers.Issuance;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Certificates;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Deployments;

public sealed class TargetUploadsTests
{
    private const string Frankfurt = "aws_acm eu-central-1 aws";
    private const string Ireland = "aws_acm eu-west-1 aws";
    private const string Google = "projects/shop-1234/locations/global/certificates/www";
    private static readonly DeployTargetSpec InFrankfurt = Acm("eu-central-1");
    private static readonly DeployTargetSpec InIreland = Acm("eu-west-1");
    private static readonly DeployTargetSpec InGoogle = new() { GcpCm = new GcpCmTargetConfig { Project = "shop-1234", Certificate = "www", CredentialsSecretName = "google" } };

    private InMemoryCluster _cluster = null!;
    private FakeDeployTarget _place = null!;
    private ObjectStore<CertificateRenewalRun> _runs = null!;
    private TestAuthority _authority = null!;
    private string _fingerprint = "";
    private RunDeployment? _deploy;
    private RunWork _work = null!;
    private PolicyStatus? _known;
    private IReadOnlyList<DeployTargetSpec> _targets = [];

    [SetUp]
    public async Task StartAsync()
    {
        _cluster = new InMemoryCluster();
        _place = new FakeDeployTarget();
        _runs = new ObjectStore<CertificateRenewalRun>();
        _runs.AddIndexer(RunIndexes.Policy, r => [RunIndexes.PolicyKey(r)]);
        _authority = TestAuthority.CreateRoot(TimeProvider.System);
        (_deploy, _known) = (null, null);
        _work = new RunWork { RunUid = "run-www-1" };
        _fingerprint = await StoreAsync();
    }

    [TearDown]
    public void Forget()
    {
        _authority.Dispose();
        _work.Dispose();
    }

    [Test]
    public async Task What_is_made_is_stored_before_anything_else_is_done_and_never_looked_for_without_a_reason()
    {
        _targets = [InFrankfurt, InIreland, InGoogle];
        var begun = (StepResult.Pending)(await AdvanceAsync())!;
        Assert.That((begun.PersistFirst, begun.RetryAfter, _place.Puts.Count), Is.EqualTo((true, TimeSpan.Zero, 0)), "that something will be made is stored first");
        Assert.That(Rows, Is.EqualTo(new[] { (Frankfurt, (string?)null, false), (Ireland, null, false) }));

        Assert.That(await AdvanceAsync(), Has.Property("PersistFirst").True);
        Assert.That(_place.Puts.Select(p => p.Target), Is.EqualTo(new[] { Frankfurt }), "and what it is known by before the next");
        Assert.That(await AdvanceAsync(), Has.Property("PersistFirst").True);
        Assert.That(await AdvanceAsync(), Is.Null, "the third has a name that is known beforehand");
        Assert.That(Rows, Is.EqualTo(new[] { (Frankfurt, $"made for {Frankfurt}", true), (Ireland, $"made for {Ireland}", true), (Google, Google, true) }));
        Assert.That(_place.Puts.Select(p => p.Fingerprint), Is.All.EqualTo(_fingerprint));
        Assert.That(_place.Opened, Is.All.StartsWith("shop "));
        Assert.That(_place.Looks, Is.Zero);
    }

    [Test]
    public async Task The_next_pair_goes_to_what_is_known_without_another_write()
    {
        _targets = [InFrankfurt];
        Remember(Frankfurt, "arn-1", "an earlier one");
        Assert.That(await AdvanceAsync(), Is.Null);
        Assert.That(_place.Puts.Single().Place, Is.EqualTo(new TargetPlace("arn-1", null)));
        Assert.That(Rows, Is.EqualTo(new[] { (Frankfurt, "arn-1", true) }));
    }

    [Test]
    public async Task A_pair_that_a_target_has_is_not_put_there_again()
    {
        _targets = [InFrankfurt];
        Assert.That(Uploads.AreDue(Context()), Is.True);
        Remember(Frankfurt, "arn-1", _fingerprint);
        Assert.That(Uploads.AreDue(Context()), Is.False);
        Assert.That(await AdvanceAsync(), Is.Null);
        Assert.That((_place.Puts.Count, _cluster.Requests.Count - 1), Is.EqualTo((0, 0)), "nobody is asked, and the Secret is not read");
        Assert.That(Rows, Is.EqualTo(new[] { (Frankfurt, "arn-1", true) }));
    }

    [Test]
    public async Task What_a_run_has_made_that_the_status_does_not_tell_of_yet_is_known()
    {
        _targets = [InFrankfurt];
        Remember(Frankfurt, "arn-1", "an earlier one", A.Now.AddHours(-2));
        _runs.Observe(A.Run(new RunStatus { Phase = RunPhase.NeedsManual, FinishedAt = A.Now.AddHours(-1), Deploy = new RunDeployment { Targets = [new TargetUpload { Target = Frankfurt, RemoteId = "arn-2" }] } }, "www-0"));
        Assert.That(await AdvanceAsync(), Is.Null);
        Assert.That(_place.Puts.Single().Place.Existing, Is.EqualTo("arn-2"));
    }

    [Test]
    public async Task An_answer_that_was_lost_is_looked_for_by_the_next_process_and_after_trouble()
    {
        _targets = [InFrankfurt];
        await AdvanceAsync();
        _place.Answer = (_, _) => throw new IssuanceException(IssuanceFailure.Transient, IssuanceReasons.ServerError, "No whole answer.");
        Assert.That(await AdvanceAsync(), Is.InstanceOf<StepResult.Transient>().With.Property("Reason").EqualTo(IssuanceReasons.ServerError));
        Assert.That(_place.Looks, Is.Zero, "nothing was there before the first try");
        _place.Lost = "arn-lost";
        Assert.That(await AdvanceAsync(), Is.InstanceOf<StepResult.Transient>());
        Assert.That((_place.Looks, _place.Puts[^1].Place.Existing), Is.EqualTo((1, "arn-lost")));

        _place.Answer = (_, place) => new TargetProgress.Done(place.Existing!);
        Assert.That(await AdvanceAsync(), Has.Property("PersistFirst").True, "its ARN is not stored yet");
        Assert.That(await AdvanceAsync(), Is.Null);
    }

    [Test]
    public async Task A_policy_whose_targets_were_said_in_other_words_before_looks_first()
    {
        _targets = [InIreland];
        Remember(Frankfurt, "arn-1", "an earlier one");
        await AdvanceAsync();
        await AdvanceAsync();
        Assert.That(_place.Looks, Is.EqualTo(1));
    }

    [Test]
    public async Task What_is_gone_is_forgotten_before_something_new_is_made()
    {
        _targets = [InFrankfurt];
        Remember(Frankfurt, "arn-1", "an earlier one");
        _place.Answer = (_, place) => place.Existing is null ? new TargetProgress.Done("arn-2") : new TargetProgress.Gone("arn-1 is gone.");
        Assert.That(await AdvanceAsync(), Has.Property("PersistFirst").True.And.Property("Note").EqualTo("arn-1 is gone."));
        Assert.That(_place.Puts, Has.Count.EqualTo(1));
        Assert.That(await AdvanceAsync(), Has.Property("PersistFirst").True);
        Assert.That(await AdvanceAsync(), Is.Null);
        Assert.That(Rows, Is.EqualTo(new[] { (Frankfurt, "arn-2", true) }));
    }

    [Test]
    public async Task One_that_refuses_does_not_keep_the_pair_from_the_others_and_is_the_only_one_asked_again()
    {
        _targets = [InFrankfurt, InGoogle];
        Remember(Frankfurt, "arn-1", "an earlier one");
        _place.Answer = (target, place) => target == Frankfurt ? throw new IssuanceException(IssuanceFailure.NeedsManual, "AccessDenied", "Allow it, then resume the run.") : new TargetProgress.Done(place.Existing!);
        var refused = (StepResult.NeedsManual)(await AdvanceAsync())!;
        Assert.That((refused.Reason, refused.Message), Is.EqualTo(("AccessDenied", "spec.deploy.targets[0].awsAcm: Allow it, then resume the run. The Secret holds the new certificate.")));
        Assert.That(Rows, Is.EqualTo(new[] { (Frankfurt, "arn-1", false), (Google, Google, true) }));

        _place.Answer = (_, place) => new TargetProgress.Done(place.Existing!);
        Assert.That(await AdvanceAsync(), Is.Null);
        Assert.That(_place.Puts.Select(p => p.Target), Is.EqualTo(new[] { Frankfurt, Google, Frankfurt }));
    }

    [TestCase(IssuanceFailure.Failed)]
    [TestCase(IssuanceFailure.NeedsManual)]
    public async Task What_no_later_run_makes_up_for_needs_a_person(IssuanceFailure failure)
    {
        _targets = [InGoogle];
        _place.Answer = (_, _) => throw new IssuanceException(failure, "QuotaExceeded", "Full.");
        Assert.That(await AdvanceAsync(), Is.InstanceOf<StepResult.NeedsManual>().With.Property("Reason").EqualTo("QuotaExceeded"));
    }

    [Test]
    public async Task Work_that_takes_a_while_is_waited_for_by_its_name()
    {
        _targets = [InGoogle];
        _place.Answer = (_, place) => place.Operation is null ? new TargetProgress.Pending(Google, "operations/1", TimeSpan.FromSeconds(2)) : new TargetProgress.Done(Google);
        Assert.That(await AdvanceAsync(), Is.InstanceOf<StepResult.Pending>().With.Property("RetryAfter").EqualTo(TimeSpan.FromSeconds(2)).And.Property("PersistFirst").False);
        Assert.That(_deploy!.Targets!.Single().Operation, Is.EqualTo("operations/1"));
        Assert.That(await AdvanceAsync(), Is.Null);
        Assert.That(_place.Puts[1].Place.Operation, Is.EqualTo("operations/1"));
        Assert.That(_deploy.Targets!.Single().Operation, Is.Null);
    }

    [TestCase("gone", "no longer holds a certificate and its key")]
    [TestCase("no key", "no longer holds a certificate and its key")]
    [TestCase("another", "holds another certificate than this run has written")]
    public async Task A_pair_that_is_not_the_runs_goes_nowhere(string what, string said)
    {
        _targets = [InGoogle];
        var secrets = _cluster.Resource(CoreResources.Secrets);
        var name = new NamespacedName("shop", "www-tls");
        var secret = await secrets.GetAsync(name, CancellationToken.None);
        await secrets.DeleteAsync(name, null, CancellationToken.None);
        if (what == "no key")
        {
            secret.Data!.Remove("tls.key");
            await secrets.CreateAsync(secret, CancellationToken.None);
        }
        else if (what == "another")
        {
            await StoreAsync();
        }

        Assert.That(await AdvanceAsync(), Is.InstanceOf<StepResult.NeedsManual>().With.Property("Reason").EqualTo("PairNotInSecret").And.Property("Message").Contains(said));
        Assert.That(_place.Puts, Is.Empty);
    }

    private IEnumerable<(string Target, string? RemoteId, bool Has)> Rows => _deploy!.Targets!.Select(t => (t.Target, t.RemoteId, t.FinishedAt is not null && t.Fingerprint == _fingerprint));

    private TargetUploads Uploads
        => new(
            new DeployTargets(new Dictionary<Type, IDeployTargetSource> { [typeof(ResolvedAcmTarget)] = _place, [typeof(ResolvedGcpTarget)] = _place }),
            new TargetSecretWriter(_cluster),
            _runs,
            new ManualTimeProvider(A.Now));

    private static DeployTargetSpec Acm(string region) => new() { AwsAcm = new AwsAcmTargetConfig { Region = region, CredentialsSecretName = "aws" } };

    private async Task<StepResult?> AdvanceAsync()
    {
        var progress = new DeployProgress(_deploy);
        var result = await Uploads.AdvanceAsync(Context(), progress, CancellationToken.None);
        _deploy = progress.ToStatus();
        return result;
    }

    private RunContext Context()
    {
        var spec = A.Spec with { Deploy = new DeploySpec { Targets = _targets } };
        var run = A.Run(new RunStatus { Phase = RunPhase.Running, Certificate = A.Certificate(_fingerprint), Deploy = _deploy });
        return new RunContext { Run = run, Status = run.Status!, Policy = A.Policy(spec, _known), Resolved = A.Resolved(spec), Work = _work, Now = A.Now };
    }

    private void Remember(string target, string remoteId, string fingerprint, DateTimeOffset? when = null)
        => _known = new PolicyStatus
        {
            LastFinishedRun = new AccountedRun { Name = "www-0", Phase = RunPhase.Succeeded, FinishedAt = when ?? A.Now.AddHours(-1) },
            Targets = [new TargetState { Target = target, RemoteId = remoteId, Fingerprint = fingerprint, UploadedAt = when ?? A.Now.AddHours(-1) }],
        };

    private async Task<string> StoreAsync()
    {
        using var leaf = _authority.Issue(new LeafRequest("www.example.com"));
        await _cluster.Resource(CoreResources.Secrets).CreateAsync(
            new Secret
            {
                Metadata = new ObjectMeta { Name = "www-tls", Namespace = "shop" },
                Data = new Dictionary<string, byte[]> { ["tls.crt"] = Encoding.ASCII.GetBytes(leaf.ChainPem), ["tls.key"] = Encoding.ASCII.GetBytes(leaf.KeyPem) },
            },
            CancellationToken.None);
        return Convert.ToHexStringLower(leaf.Certificate.GetCertHash(HashAlgorithmName.SHA256));
    }
}

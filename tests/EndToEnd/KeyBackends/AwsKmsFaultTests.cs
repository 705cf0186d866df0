using System.Text;
using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.Providers.Aws;
using CertOperator.Providers.Keys.AwsKms;
using CertOperator.TestSupport.Aws;
using NUnit.Framework;

namespace CertOperator.EndToEnd.KeyBackends;

/// <summary>What can go wrong with a key in KMS: each run ends where a person can mend it, or goes on by itself, and loses no order.</summary>
public sealed class AwsKmsFaultTests : ClusterTest, IAsyncDisposable
{
    private readonly Dictionary<string, FakeKmsKey> _keys = [];
    private FakeAws _aws = null!;
    private int _once;

    [SetUp]
    public async Task StartAwsAsync()
    {
        _aws = await FakeAws.StartAsync();
        await Cluster.Secrets.CreateAsync(CredentialsOf(_aws.User, "aws"), CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _aws.DisposeAsync();
        Assert.That(_aws.Violations, Is.Empty);
    }

    [Test]
    public async Task What_a_person_has_to_mend_is_told_and_the_run_goes_on_with_its_order()
    {
        Key("disabled").State = "Disabled";
        Key("dying").State = "PendingDeletion";
        _aws.Kms.Delete(Key("deleted"));
        Key("usage", "RSA_2048", "ENCRYPT_DECRYPT");
        FakeKmsKey midway = Key("midway");
        FakeKmsKey expired = Key("expired");
        Key("region");
        Key("foreign");
        FakeAwsUser session = _aws.AddSession("signer");
        await Cluster.Secrets.CreateAsync(CredentialsOf(session, "temporary"), CancellationToken.None);

        // One key is disabled when the order is placed and proven, and by then the credentials for another have run out.
        _aws.Intercept = request =>
        {
            if (request.Action == "kms:Sign" && (string?)request.Body["KeyId"] == midway.Arn && Interlocked.Exchange(ref _once, 1) == 0)
            {
                midway.State = "Disabled";
            }

            return null;
        };
        _aws.Spoil = (request, answer) =>
        {
            session.IsExpired |= request.Action == "kms:GetPublicKey" && (string?)request.Body["KeyId"] == expired.Arn;
            return answer;
        };

        Fault[] faults =
        [
            new("disabled", StepName.PrepareKey, AwsKmsReasons.KeyNotUsable, "aws kms enable-key", () => _keys["disabled"].State = "Enabled"),
            new("dying", StepName.PrepareKey, AwsKmsReasons.KeyNotUsable, "cancel-key-deletion", () => _keys["dying"].State = "Enabled"),
            new("deleted", StepName.PrepareKey, AwsKmsReasons.KeyNotFound, "spec.keyBackendConfig.awsKms.keyId", () => Key("deleted")),
            new("usage", StepName.PrepareKey, AwsKmsReasons.WrongKeyUsage, "is for ENCRYPT_DECRYPT", () => Key("usage", "RSA_2048")) { Change = s => s with { Key = new KeySpec { Algorithm = PrivateKeyAlgorithm.Rsa } } },
            new("midway", StepName.Finalize, AwsKmsReasons.KeyNotUsable, "Enable the key", () => midway.State = "Enabled"),
            new("expired", StepName.Finalize, AwsReasons.CredentialsExpired, "Write new temporary credentials to Secret temporary", null)
            {
                Change = s => WithKms(s, k => k with { CredentialsSecretName = "temporary" }),
                MendAsync = () => Cluster.Secrets.ApplyAsync(CredentialsOf(_aws.AddSession("signer"), "temporary"), "a-person", true, CancellationToken.None),
            },
            new("region", StepName.PrepareKey, AwsReasons.CredentialsRefused, "names the region of its endpoint (eu-west-1 now)", null) { Change = s => WithKms(s, k => k with { Region = "eu-west-1" }) },
            new("foreign", StepName.PrepareKey, AwsReasons.AccessDenied, "Allow kms:DescribeKey on key arn:aws:kms", null) { Change = s => WithKms(s, k => k with { KeyId = $"arn:aws:kms:{FakeAws.Region}:{FakeAws.OtherAccount}:key/{Guid.Empty}" }) },
        ];
        await Cluster.StartOperatorAsync();
        await Task.WhenAll(faults.Select(f => Cluster.CreateAsync(Policy(f.Name).With(f.Change))));

        foreach (Fault fault in faults)
        {
            CertificateRenewalRun run = (await Cluster.WaitForFinishedRunsAsync(fault.Name)).Single();
            Assert.That((run.Status!.Phase, run.Status.CurrentStep, run.Status.Reason), Is.EqualTo((RunPhase.NeedsManual, fault.Step, fault.Reason)), $"{fault.Name}: {run.Status.Message}");
            Assert.That(run.Status.Message, Does.Contain(fault.Words), fault.Name);
            if (fault.IsOfPolicy)
            {
                await Cluster.ChangeAsync(fault.Name, p => p.Spec = WithKms(p.Spec, k => k with { Region = FakeAws.Region, KeyId = $"alias/{fault.Name}" }));
            }
            else
            {
                fault.Mend?.Invoke();
                await (fault.MendAsync?.Invoke() ?? Task.CompletedTask);
                await Cluster.AnnotateRunAsync(run, WellKnown.ResumeRequestedAt, "now");
            }
        }

        foreach (Fault fault in faults)
        {
            await Cluster.WaitUntilReadyAsync(fault.Name);
            IReadOnlyList<CertificateRenewalRun> runs = await Cluster.RunsOfAsync(fault.Name);
            Assert.That((runs.Count, runs[^1].Status!.Phase), Is.EqualTo((fault.IsOfPolicy ? 2 : 1, RunPhase.Succeeded)), fault.Name);
        }

        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(faults.Length), "one each");
    }

    [Test]
    public async Task What_passes_costs_nobody_anything()
    {
        FakeKmsKey throttled = Key("throttled");
        FakeKmsKey half = Key("half");
        int tries = 0;
        _aws.Intercept = request => (request.Action, (string?)request.Body["KeyId"]) is ("kms:Sign", { } key) && key == throttled.Arn && Interlocked.Increment(ref tries) <= 3 ? FakeAwsAnswer.Error("ThrottlingException", "Rate exceeded") : null;
        _aws.Spoil = (request, answer) => request.Action == "kms:Sign" && (string?)request.Body["KeyId"] == half.Arn && Interlocked.Exchange(ref _once, 1) == 0 ? answer with { CutAfter = answer.Body.Length / 2 } : answer;
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(Policy("throttled"));
        await Cluster.CreateAsync(Policy("half"));

        foreach (string name in new[] { "throttled", "half" })
        {
            await Cluster.WaitUntilReadyAsync(name);
            Assert.That((await Cluster.RunsOfAsync(name)).Single().Status!.Phase, Is.EqualTo(RunPhase.Succeeded), name);
        }

        Assert.That((tries, _once), Is.EqualTo((4, 1)));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(2));
    }

    private Secret CredentialsOf(FakeAwsUser user, string name)
    {
        var data = new Dictionary<string, byte[]>
        {
            ["accessKeyId"] = Encoding.ASCII.GetBytes(user.AccessKeyId),
            ["secretAccessKey"] = Encoding.ASCII.GetBytes(user.SecretAccessKey),
        };
        if (user.SessionToken is { } token)
        {
            data["sessionToken"] = Encoding.ASCII.GetBytes(token);
        }

        return new Secret { Metadata = new ObjectMeta { Name = name, Namespace = Cluster.Namespace }, Data = data };
    }

    private static PolicySpec WithKms(PolicySpec spec, Func<AwsKmsConfig, AwsKmsConfig> change)
        => spec with { KeyBackendConfig = new KeyBackendConfig { AwsKms = change(spec.KeyBackendConfig!.AwsKms!) } };

    private FakeKmsKey Key(string alias, string spec = "ECC_NIST_P256", string usage = "SIGN_VERIFY") => _keys[alias] = _aws.Kms.Create(spec, usage, alias);

    private PolicyBuilder Policy(string name)
        => new PolicyBuilder(Cluster, name).With(s => s with
        {
            KeyBackend = KeyBackendKind.AwsKms,
            KeyBackendConfig = new KeyBackendConfig
            {
                AwsKms = new AwsKmsConfig { KeyId = $"alias/{name}", Region = FakeAws.Region, Endpoint = _aws.Address.AbsoluteUri, CaBundle = _aws.CaPem, CredentialsSecretName = "aws" },
            },
        });

    /// <param name="Name">Of policy and alias.</param>
    /// <param name="Step">Where the run ends.</param>
    /// <param name="Reason">Why, in a word.</param>
    /// <param name="Words">What the message has to say.</param>
    /// <param name="Mend">What a person does in KMS before they resume the run.</param>
    private sealed record Fault(string Name, StepName Step, string Reason, string Words, Action? Mend)
    {
        public Func<PolicySpec, PolicySpec> Change { get; init; } = s => s;

        /// <summary>What a person does in the cluster before they resume the run.</summary>
        public Func<Task>? MendAsync { get; init; }

        /// <summary>Whether the policy is what is wrong, so that changing it begins another run.</summary>
        public bool IsOfPolicy => Mend is null && MendAsync is null;
    }
}

using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Rules;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Runs;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Pki;

namespace CertOperator.Benchmarks.Bare;

/// <summary>The API writes for one certificate.</summary>
public sealed class CertificateTrace
{
    private static readonly OneMasterKey MasterKeys = new();

    private readonly IKubernetesClient _client;
    private readonly CertificateRenewalPolicy _policy;
    private readonly ResolvedPolicy _resolved;
    private CertificateRenewalRun _run;

    private CertificateTrace(IKubernetesClient client, CertificateRenewalPolicy policy, ResolvedPolicy resolved, CertificateRenewalRun run)
    {
        _client = client;
        _policy = policy;
        _resolved = resolved;
        _run = run;
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public static async Task<CertificateTrace> BeginAsync(IKubernetesClient client, CertificateRenewalPolicy policy, ResolvedPolicy resolved, PrivateKeyPair key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(policy);
        var spec = new RunSpec { PolicyRef = new PolicyReference { Name = policy.Metadata.Name }, Mode = RunMode.Live, Trigger = RunTrigger.Scheduled };
        var run = await client.Resource(CrdResources.Runs).CreateAsync(RunTemplate.For(policy, Naming.Run(policy.Metadata.Name, policy.Metadata.Uid!, null, null, null), spec), cancellationToken);
        await new RenewalState(client, MasterKeys).StageAsync(policy, run, null, key, null, cancellationToken);
        return new CertificateTrace(client, policy, resolved, run);
    }

    /// <summary>Write 3: the order in the run's status.</summary>
    public Task OrderPlacedAsync(RunOrder order, CancellationToken cancellationToken)
    {
        var status = RunStateMachine.Begin(null, RunMode.Live, _policy.Metadata.Generation, _resolved.RequestHash, Now);
        status = Done(status, StepName.Preflight, "The account at 127.0.0.1 is ready.");
        status = Done(status, StepName.PrepareKey, "A new ECDSA 256 key is staged.");
        return SaveAsync(Done(status, StepName.PlaceOrder, $"Order for {_resolved.Names[0]} is placed: {order.Url}") with { Order = order }, cancellationToken);
    }

    /// <summary>Writes 4 to 7: the Secret, the run's end, the policy's status, and the Event.</summary>
    public async Task IssuedAsync(PrivateKeyPair key, string pem, CancellationToken cancellationToken)
    {
        using var chain = CertificateChain.Parse(pem, PemLimits.Issued);
        await new TargetSecretWriter(_client).WriteAsync(_policy, _resolved, new PairOrigin(_run.Metadata.Name, null), null, key, chain, null, cancellationToken);
        var certificate = CertificateSummaries.From(chain.Facts);
        var status = _run.Status! with { Certificate = certificate };
        status = Done(status, StepName.SolveChallenges, "The CA has validated 1 name.");
        status = Done(status, StepName.Finalize, $"Certificate {certificate.Serial} was issued by {certificate.Issuer}; it is valid until {certificate.NotAfter:yyyy-MM-dd HH:mm} UTC.");
        status = Done(status, StepName.StoreSecret, $"Secret {_resolved.SecretName} holds the new certificate and its key.");
        status = Done(status, StepName.Deploy, "Workloads read the Secret by themselves.");
        status = Done(status, StepName.Verify, "spec.verify.none is true.");
        await SaveAsync(Done(status, StepName.CleanUp, "Challenges are no longer answered."), cancellationToken);
        await _client.Resource(CrdResources.Policies).UpdateStatusAsync(
            new CertificateRenewalPolicy { Metadata = _policy.Metadata, Spec = _policy.Spec, Status = PolicyStatus(certificate) },
            cancellationToken);
        await _client.Resource(CoreResources.Events).CreateAsync(RenewedEvent(), cancellationToken);
    }

    private static RunStatus Done(RunStatus status, StepName step, string message)
        => RunStateMachine.Apply(status, step, new Operator.Runs.StepResult.Done(message), "", Now, Now);

    private async Task SaveAsync(RunStatus status, CancellationToken cancellationToken)
        => _run = await _client.Resource(CrdResources.Runs).UpdateStatusAsync(
            new CertificateRenewalRun { Metadata = _run.Metadata, Spec = _run.Spec, Status = status },
            cancellationToken);

    private PolicyStatus PolicyStatus(CertificateSummary certificate)
    {
        var status = PolicyStatusBuilder.WithCertificate(PolicyAccounting.Account(new PolicyStatus(), _run, _policy, null, Now), certificate);
        var schedule = RenewalSchedule.Compute(new RenewalInputs { NotBefore = certificate.NotBefore, NotAfter = certificate.NotAfter, JitterSeed = _policy.Metadata.Uid! });
        var observation = new PolicyObservation
        {
            Policy = _policy,
            Resolution = new PolicyResolution(_resolved, []),
            Runs = [],
            OlderWriter = null,
            Secret = null,
            MissingReference = null,
        };
        return PolicyStatusBuilder.Build(observation, PolicyStatusBuilder.WithSchedule(status, schedule), new PolicyDecision.Wait(), schedule, Now);
    }

    private Event RenewedEvent()
        => new()
        {
            Metadata = new ObjectMeta { Name = $"{_policy.Metadata.Name}.{Now.UtcTicks:x}", Namespace = _policy.Metadata.Namespace },
            EventTime = Now,
            ReportingController = "certoperator.io/operator",
            ReportingInstance = Environment.MachineName,
            Action = "Renew",
            Reason = PolicyReasons.Renewed,
            Regarding = Reference(_policy.ApiVersion, _policy.Kind, _policy.Metadata),
            Related = Reference(_run.ApiVersion, _run.Kind, _run.Metadata),
            Note = _run.Status!.Message,
            Type = "Normal",
        };

    private static ObjectReference Reference(string apiVersion, string kind, ObjectMeta metadata)
        => new() { ApiVersion = apiVersion, Kind = kind, Namespace = metadata.Namespace, Name = metadata.Name, Uid = metadata.Uid };
}

using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Pacing;
using CertOperator.Operator.Runs;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Policies;

/// <summary>Makes runs, each exactly once and only when there is a place for it.</summary>
public sealed partial class RunLauncher(IKubernetesClient client, ResourceStores stores, RunAdmission admission, IssuanceGate gate, WorkQueue<NamespacedName> policies, ILogger<RunLauncher> logger)
{
    private readonly IResourceClient<CertificateRenewalRun> _runs = client.Resource(CrdResources.Runs);

    /// <summary>Whether another run may start now.</summary>
    public bool HasPlace => admission.HasPlace;

    /// <summary>
    /// Why a scheduled run must not be made yet: thousands that wait for a budget would only fill the cluster. Then null means that the
    /// policy has its share; a run that a person asks for is made in any case and waits itself, where they can see it.
    /// </summary>
    public IssuanceWait? WaitOf(CertificateRenewalPolicy policy, ResolvedPolicy resolved, PolicyDecision.Start start, DateTimeOffset now)
        => start is { Trigger: RunTrigger.Scheduled, Rollback: null } ? gate.TryEnter(policy, resolved, start.Need.Reason, cooldown: false, now) : null;

    /// <summary>A policy without a run draws on nothing.</summary>
    public void Release(CertificateRenewalPolicy policy) => gate.Release(policy.Metadata.Uid!);

    /// <returns>The run; null while no place is free: the policy is put back into its queue when there is one.</returns>
    public async Task<CertificateRenewalRun?> LaunchAsync(CertificateRenewalPolicy policy, PolicyStatus status, PolicyDecision.Start start, CancellationToken cancellationToken)
    {
        var key = NamespacedName.Of(policy);
        var request = start.Request ?? (start.Rollback?.Request is { } rollback ? $"rollback/{rollback}" : null);
        var name = new NamespacedName(key.Namespace, Naming.Run(key.Name, policy.Metadata.Uid!, status.LastRun, status.LastFinishedRun?.FinishedAt, request));
        if (!admission.TryEnter(name, () => policies.Add(key)))
        {
            gate.Release(policy.Metadata.Uid!);
            return null;
        }

        var inProgress = false;
        try
        {
            var run = await MakeAsync(policy, name, start, cancellationToken);
            stores.Runs.Observe(run);
            inProgress = !RunStateMachine.IsFinal(run.Status?.Phase);
            return run;
        }
        finally
        {
            if (!inProgress)
            {
                admission.Leave(name);
            }
        }
    }

    private async Task<CertificateRenewalRun> MakeAsync(CertificateRenewalPolicy policy, NamespacedName name, PolicyDecision.Start start, CancellationToken cancellationToken)
    {
        var spec = new RunSpec { PolicyRef = new PolicyReference { Name = policy.Metadata.Name }, Mode = RunMode.Live, Trigger = start.Trigger };
        try
        {
            var run = await _runs.CreateAsync(RunTemplate.For(policy, name.Name, spec, start.Need.Reason, start.Request, start.Rollback), cancellationToken);
            LogStarted(name.Namespace, policy.Metadata.Name, name.Name, start.Trigger, start.Need.Message);
            return run;
        }
        catch (AlreadyExistsException)
        {
            // An earlier process, or an earlier look with an older cache, has made it.
            return await _runs.GetAsync(name, cancellationToken);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Policy {Namespace}/{Policy}: run {Run} is started, trigger {Trigger}: {Why}")]
    private partial void LogStarted(string @namespace, string policy, string run, RunTrigger trigger, string why);
}

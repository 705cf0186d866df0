using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Runs;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Policies;

/// <summary>Makes runs, each exactly once and only when there is a place for it.</summary>
public sealed partial class RunLauncher(IKubernetesClient client, ResourceStores stores, RunAdmission admission, WorkQueue<NamespacedName> policies, ILogger<RunLauncher> logger)
{
    private readonly IResourceClient<CertificateRenewalRun> _runs = client.Resource(CrdResources.Runs);

    /// <summary>Whether another run may start now.</summary>
    public bool HasPlace => admission.HasPlace;

    /// <returns>The run; null while no place is free: the policy is put back into its queue when there is one.</returns>
    public async Task<CertificateRenewalRun?> LaunchAsync(CertificateRenewalPolicy policy, string? lastRun, PolicyDecision.Start start, CancellationToken cancellationToken)
    {
        var key = NamespacedName.Of(policy);
        var name = new NamespacedName(key.Namespace, Naming.Run(key.Name, policy.Metadata.Uid!, lastRun, start.Request));
        if (!admission.TryEnter(name, () => policies.Add(key)))
        {
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
            var run = await _runs.CreateAsync(RunTemplate.For(policy, name.Name, spec, start.Need.Reason, start.Request), cancellationToken);
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

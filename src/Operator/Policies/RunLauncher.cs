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

    /// <returns>The run; null while no place is free: the policy is put back into its queue when there is one.</returns>
    public async Task<CertificateRenewalRun?> LaunchAsync(CertificateRenewalPolicy policy, string? lastRun, PolicyDecision.Start start, CancellationToken cancellationToken)
    {
        var key = NamespacedName.Of(policy);
        var name = new NamespacedName(key.Namespace, Naming.Run(key.Name, policy.Metadata.Uid!, lastRun, start.Request));
        if (!admission.TryEnter(name, () => policies.Add(key)))
        {
            return null;
        }

        try
        {
            var run = RunTemplate.For(policy, name.Name, new RunSpec { PolicyRef = new PolicyReference { Name = key.Name }, Mode = RunMode.Live, Trigger = start.Trigger }, start.Need.Reason, start.Request);
            var created = await _runs.CreateAsync(run, cancellationToken);
            stores.Runs.Observe(created);
            LogStarted(key.Namespace, key.Name, name.Name, start.Trigger, start.Need.Message);
            return created;
        }
        catch (AlreadyExistsException)
        {
            // An earlier process, or an earlier look with an older cache, has made it.
            var existing = await _runs.GetAsync(name, cancellationToken);
            stores.Runs.Observe(existing);
            if (RunStateMachine.IsFinal(existing.Status?.Phase))
            {
                admission.Leave(name);
            }

            return existing;
        }
        catch (Exception)
        {
            admission.Leave(name);
            throw;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Policy {Namespace}/{Policy}: run {Run} is started, trigger {Trigger}: {Why}")]
    private partial void LogStarted(string @namespace, string policy, string run, RunTrigger trigger, string why);
}

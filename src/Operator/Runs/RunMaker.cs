using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using CertOperator.Crds;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;

namespace CertOperator.Operator.Runs;

/// <summary>Makes runs, for the scheduler and for batches: a policy that has an unfinished run gets no other.</summary>
public sealed class RunMaker(IKubernetesClient client, ResourceStores stores)
{
    private readonly IResourceClient<CertificateRenewalRun> _runs = client.Resource(CrdResources.Runs);

    /// <summary>Policies for which a run is being made at this moment.</summary>
    private readonly ConcurrentDictionary<NamespacedName, byte> _making = new();

    /// <param name="run">What to make. Its name is derived, so that making it again finds it.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <returns>The run, or the one that is in the way; null while another one is being made for the same policy.</returns>
    public async Task<CertificateRenewalRun?> MakeAsync(CertificateRenewalRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var policy = new NamespacedName(run.Metadata.Namespace!, run.Spec.PolicyRef.Name);
        if (!_making.TryAdd(policy, 0))
        {
            return null;
        }

        try
        {
            if (stores.RunsOf(policy.Namespace, policy.Name).FirstOrDefault(r => !RunStateMachine.IsFinal(r.Status?.Phase)) is { } active)
            {
                return active;
            }

            var made = await CreateOrGetAsync(run, cancellationToken);
            stores.Runs.Observe(made);
            return made;
        }
        finally
        {
            _making.TryRemove(policy, out _);
        }
    }

    /// <summary>Lets a run go on that waits for what must not wait.</summary>
    public async Task HastenAsync(CertificateRenewalRun run, string reason, CancellationToken cancellationToken)
    {
        var patch = Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [WellKnown.RunHastened] = reason } } });
        stores.Runs.Observe(await _runs.PatchAsync(NamespacedName.Of(run), patch, null, cancellationToken));
    }

    /// <summary>Tells a run that it is to take over a pair.</summary>
    public async Task HandOverAsync(CertificateRenewalRun run, TakeoverOrder order, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(order);
        var annotations = new JsonObject { [WellKnown.ResolveWithSecret] = order.Secret, [WellKnown.RequestedBy] = order.By };
        var patch = Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } });
        stores.Runs.Observe(await _runs.PatchAsync(NamespacedName.Of(run), patch, null, cancellationToken));
    }

    private async Task<CertificateRenewalRun> CreateOrGetAsync(CertificateRenewalRun run, CancellationToken cancellationToken)
    {
        try
        {
            return await _runs.CreateAsync(run, cancellationToken);
        }
        catch (AlreadyExistsException)
        {
            // An earlier process, or an earlier look with an older cache, has made it.
            return await _runs.GetAsync(NamespacedName.Of(run), cancellationToken);
        }
    }
}

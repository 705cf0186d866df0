using System.Text.Json.Nodes;
using CertOperator.Crds;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;

namespace CertOperator.Operator.Runs;

/// <summary>
/// Keeps a run that has something in place outside until that is taken away, by a finalizer: the garbage collector deletes the runs of
/// a deleted policy faster than anybody could look at them.
/// </summary>
public sealed class RunHold(IKubernetesClient client, ResourceStores stores)
{
    private readonly IResourceClient<CertificateRenewalRun> _runs = client.Resource(CrdResources.Runs);

    public static bool IsHeld(CertificateRenewalRun run) => run.Metadata.Finalizers?.Contains(WellKnown.PresentedFinalizer) == true;

    /// <exception cref="ConflictException">The run was changed since it was read.</exception>
    public Task HoldAsync(CertificateRenewalRun run, CancellationToken cancellationToken)
        => SetAsync(run, [.. run.Metadata.Finalizers ?? [], WellKnown.PresentedFinalizer], cancellationToken);

    /// <summary>Lets a run go that is not held is fine, too.</summary>
    /// <exception cref="ConflictException">The run was changed since it was read.</exception>
    public async Task ReleaseAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (stores.Runs.Get(key) is not { } run || !IsHeld(run))
        {
            return;
        }

        try
        {
            await SetAsync(run, [.. run.Metadata.Finalizers!.Where(f => f != WellKnown.PresentedFinalizer)], cancellationToken);
        }
        catch (NotFoundException)
        {
            // Whoever deleted it also took the finalizer away.
        }
    }

    private async Task SetAsync(CertificateRenewalRun run, IEnumerable<string> finalizers, CancellationToken cancellationToken)
    {
        var patch = Patch.Merge(new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["resourceVersion"] = run.Metadata.ResourceVersion,
                ["finalizers"] = new JsonArray([.. finalizers.Select(f => (JsonNode)f)]),
            },
        });
        stores.Runs.Observe(await _runs.PatchAsync(NamespacedName.Of(run), patch, null, cancellationToken));
    }
}

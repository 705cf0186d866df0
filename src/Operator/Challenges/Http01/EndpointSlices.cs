using CertOperator.Kubernetes;
using CertOperator.Providers.Challenges;
using CertOperator.Providers.Issuance;

namespace CertOperator.Operator.Challenges.Http01;

/// <summary>Endpoints of Services, in the version that the API server has: v1, or v1beta1 before Kubernetes 1.21.</summary>
public sealed class EndpointSlices(IKubernetesClient client, ChallengeObjects objects)
{
    private volatile bool _beta;

    public Task<IReadOnlyList<EndpointSlice>> ListAsync(NamespacedName service, CancellationToken cancellationToken)
        => CallAsync(definition => ChallengeObjects.CallAsync(definition, "list", () => ListAsync(definition, service, cancellationToken)));

    public Task<EndpointSlice> ApplyAsync(EndpointSlice slice, CancellationToken cancellationToken)
        => CallAsync(definition =>
        {
            slice.ApiVersion = definition.ApiVersion;
            return objects.ApplyAsync(definition, slice, cancellationToken);
        });

    public Task DeleteAsync(ChallengeOwner owner, string name, CancellationToken cancellationToken)
        => objects.DeleteAsync(Definition, owner, name, cancellationToken);

    private ResourceDefinition<EndpointSlice> Definition => _beta ? NetworkResources.EndpointSlicesBeta : NetworkResources.EndpointSlices;

    private async Task<IReadOnlyList<EndpointSlice>> ListAsync(ResourceDefinition<EndpointSlice> definition, NamespacedName service, CancellationToken cancellationToken)
    {
        var found = new List<EndpointSlice>();
        await foreach (var slice in client.Resource(definition).ListAsync(new ListOptions { Namespace = service.Namespace, LabelSelector = $"{EndpointSlice.ServiceLabel}={service.Name}" }, cancellationToken))
        {
            found.Add(slice);
        }

        return found;
    }

    private async Task<T> CallAsync<T>(Func<ResourceDefinition<EndpointSlice>, Task<T>> call)
    {
        try
        {
            return await call(Definition);
        }
        catch (IssuanceException e) when (e.Reason == ChallengeReasons.KindNotInstalled && !_beta)
        {
            _beta = true;
            return await call(Definition);
        }
    }
}

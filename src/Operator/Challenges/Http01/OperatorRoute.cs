using CertOperator.Crds;
using CertOperator.Kubernetes;

namespace CertOperator.Operator.Challenges.Http01;

/// <summary>
/// A Service without a selector, with endpoints that are the operator's pods: so an Ingress or a route of any namespace leads to the
/// operator, and no pod is started to answer.
/// </summary>
public sealed class OperatorRoute(ChallengeObjects objects, EndpointSlices slices, OperatorBackends backends)
{
    public const int Port = 80;
    private const string PortName = "http";

    /// <summary>Makes it, or puts it right: pods come and go meanwhile.</summary>
    public async Task PutAsync(ChallengeOwner owner, string name, string type, CancellationToken cancellationToken)
    {
        var wanted = (await backends.FindAsync(cancellationToken)).Select(b => SliceOf(owner, name, b)).ToList();
        await objects.ApplyAsync(NetworkResources.Services, ServiceOf(owner, name, type), cancellationToken);
        foreach (var slice in wanted)
        {
            await slices.ApplyAsync(slice, cancellationToken);
        }

        await RemoveSlicesAsync(owner, name, s => !wanted.Exists(w => w.Metadata.Name == s), cancellationToken);
    }

    public async Task RemoveAsync(ChallengeOwner owner, string name, CancellationToken cancellationToken)
    {
        await RemoveSlicesAsync(owner, name, _ => true, cancellationToken);
        await objects.DeleteAsync(NetworkResources.Services, owner, name, cancellationToken);
    }

    public static Service ServiceOf(ChallengeOwner owner, string name, string type)
        => new()
        {
            Metadata = owner.Metadata(name),
            Spec = new ServiceSpec { Type = type, Ports = [new ServicePort { Name = PortName, Protocol = "TCP", Port = Port }] },
        };

    public static EndpointSlice SliceOf(ChallengeOwner owner, string name, OperatorBackend backend)
        => new()
        {
            Metadata = owner.Metadata(
                $"{name}-{(backend.AddressType == "IPv4" ? "4" : "6")}-{backend.Port}",
                new Dictionary<string, string> { [EndpointSlice.ServiceLabel] = name, [EndpointSlice.ManagedByLabel] = WellKnown.ManagedByValue }),
            AddressType = backend.AddressType,
            Endpoints = [.. backend.Addresses.Select(a => new Endpoint { Addresses = [a], Conditions = new EndpointConditions { Ready = true } })],
            Ports = [new EndpointPort { Name = PortName, Protocol = "TCP", Port = backend.Port }],
        };

    private async Task RemoveSlicesAsync(ChallengeOwner owner, string service, Func<string, bool> unwanted, CancellationToken cancellationToken)
    {
        foreach (var slice in await slices.ListAsync(new NamespacedName(owner.Namespace, service), cancellationToken))
        {
            if (unwanted(slice.Metadata.Name))
            {
                await slices.DeleteAsync(owner, slice.Metadata.Name, cancellationToken);
            }
        }
    }
}

using CertOperator.Kubernetes;
using CertOperator.Providers.Challenges;
using CertOperator.Providers.Issuance;

namespace CertOperator.Operator.Challenges.Http01;

/// <summary>Where the operator's pods are, by the endpoints of their own Service: every replica answers every challenge.</summary>
public sealed class OperatorBackends(EndpointSlices slices, NamespacedName? service)
{
    public const string PortName = "http01";

    /// <summary>A slice holds a hundred without trouble, and no operator has more replicas.</summary>
    private const int MaxAddresses = 100;

    /// <summary>Null where it was said which Service is the operator's; else what to do.</summary>
    public string? Problem
        => service is null
            ? "It needs to know the operator's own Service. Start the operator with --http01-service NAMESPACE/NAME."
            : null;

    /// <exception cref="IssuanceException">There is none, or the Service is not known.</exception>
    public async Task<IReadOnlyList<OperatorBackend>> FindAsync(CancellationToken cancellationToken)
    {
        if (service is not { } name)
        {
            throw new IssuanceException(IssuanceFailure.Failed, ChallengeReasons.OperatorServiceUnknown, $"The solver leads to the operator. {Problem}");
        }

        var found = Choose(await slices.ListAsync(name, cancellationToken));
        return found.Count > 0
            ? found
            : throw new IssuanceException(
                IssuanceFailure.Transient,
                ChallengeReasons.OperatorNotReady,
                $"Service {name}, which --http01-service names, has no ready endpoint with a port named {PortName}. Check that the Service selects the operator's pods, and names the port so or has no other.");
    }

    /// <summary>The ready ones of the port that answers challenges. Pure.</summary>
    public static IReadOnlyList<OperatorBackend> Choose(IEnumerable<EndpointSlice> slices)
        =>
        [
            .. slices
                .Where(s => s.AddressType is "IPv4" or "IPv6")
                .Select(s => (Slice: s, Port: PortOf(s.Ports)))
                .Where(s => s.Port is not null)
                .GroupBy(s => (s.Slice.AddressType, Port: s.Port!.Value), s => s.Slice)
                .Select(g => new OperatorBackend(g.Key.AddressType, g.Key.Port, [.. g.SelectMany(s => s.Endpoints).Where(e => e.Conditions?.Ready ?? true).SelectMany(e => e.Addresses).Distinct().Order(StringComparer.Ordinal).Take(MaxAddresses)]))
                .Where(b => b.Addresses.Count > 0)
                .OrderBy(b => b.AddressType, StringComparer.Ordinal)
                .ThenBy(b => b.Port),
        ];

    private static int? PortOf(List<EndpointPort> ports)
    {
        var tcp = ports.Where(p => p.Protocol is null or "TCP").ToList();
        return (tcp.Find(p => p.Name == PortName) ?? (tcp.Count == 1 ? tcp[0] : null))?.Port;
    }
}

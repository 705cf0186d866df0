using CertOperator.Benchmarks.World;
using CertOperator.Crds;
using CertOperator.Crds.Policies;

namespace CertOperator.Benchmarks.Measurements;

/// <summary>Sees when the policies of a namespace have got all that a renewal brings: Secret, status and Event.</summary>
public sealed class RenewalOutcome : IAsyncDisposable
{
    private readonly IReadOnlyList<WatchCounter> _watches;

    private RenewalOutcome(IReadOnlyList<WatchCounter> watches) => _watches = watches;

    public static async Task<RenewalOutcome> WatchAsync(BenchWorld world, string @namespace, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(world);
        return new RenewalOutcome(
        [
            await world.WatchAsync($"/api/v1/namespaces/{@namespace}/secrets?fieldSelector=type%3Dkubernetes.io%2Ftls", _ => true, cancellationToken),
            await world.WatchAsync($"/apis/{CertOperatorApi.Group}/{CertOperatorApi.Version}/namespaces/{@namespace}/{CertificateRenewalPolicy.PluralName}", line => line.Contains("\"serial\":\"", StringComparison.Ordinal), cancellationToken),
            await world.WatchAsync($"/apis/events.k8s.io/v1/namespaces/{@namespace}/events", line => line.Contains("\"reason\":\"Renewed\"", StringComparison.Ordinal), cancellationToken),
        ]);
    }

    /// <returns>When the last was seen, as a time stamp of Stopwatch.</returns>
    public async Task<long> CompleteAsync(int number, TimeSpan deadline, CancellationToken cancellationToken)
        => (await Task.WhenAll(_watches.Select(w => w.CountedAsync(number, deadline, cancellationToken)))).Max();

    public async ValueTask DisposeAsync()
    {
        foreach (var watch in _watches)
        {
            await watch.DisposeAsync();
        }
    }
}

using System.Globalization;
using System.Text.Json;
using CertOperator.Crds;
using CertOperator.Crds.Batches;
using CertOperator.Kubernetes;
using CertOperator.Operator.Secrets;

namespace CertOperator.Operator.Batches;

/// <summary>Keeps the rows of a batch in ConfigMaps, a fixed number in each, which stays far below what the API server takes.</summary>
public sealed class BatchPages(IKubernetesClient client)
{
    /// <summary>The longest names and messages make 4 kB of a row.</summary>
    public const int RowsEach = 200;

    /// <summary>A line of JSON per row.</summary>
    public const string RowsKey = "rows";

    private const string PlanAnnotation = CertOperatorApi.Group + "/batch-plan";
    private const string PageAnnotation = CertOperatorApi.Group + "/batch-page";

    private readonly IResourceClient<ConfigMap> _maps = client.Resource(CoreResources.ConfigMaps);

    public static int CountFor(int rows) => (rows + RowsEach - 1) / RowsEach;

    public static IReadOnlyList<string> NamesOf(string batch, int rows) => [.. Enumerable.Range(0, CountFor(rows)).Select(page => Naming.BatchPage(batch, page))];

    /// <summary>Which plan pages belong to.</summary>
    public static string PlanOf(BatchStatus status)
        => string.Create(CultureInfo.InvariantCulture, $"{status.PlanHash}-{status.PlannedAt?.ToUnixTimeMilliseconds()}");

    /// <summary>The rows of a plan as they were stored; null where not all of them are there.</summary>
    public async Task<IReadOnlyList<BatchRow>?> LoadAsync(CertificateRenewalBatch batch, BatchStatus status, CancellationToken cancellationToken)
    {
        var pages = new SortedDictionary<int, IReadOnlyList<BatchRow>>();
        await foreach (var map in ListAsync(batch, cancellationToken))
        {
            if (map.Metadata.Annotations?.GetValueOrDefault(PlanAnnotation) == PlanOf(status)
                && int.TryParse(map.Metadata.Annotations.GetValueOrDefault(PageAnnotation), NumberStyles.None, CultureInfo.InvariantCulture, out var page)
                && Parse(map.Data?.GetValueOrDefault(RowsKey)) is { } rows)
            {
                pages[page] = rows;
            }
        }

        var total = status.Counts?.Total ?? 0;
        return pages.Keys.SequenceEqual(Enumerable.Range(0, CountFor(total))) && pages.Values.Sum(p => p.Count) == total ? [.. pages.Values.SelectMany(p => p)] : null;
    }

    public async Task SaveAsync(CertificateRenewalBatch batch, BatchStatus status, IReadOnlyList<BatchRow> rows, int page, CancellationToken cancellationToken)
    {
        var lines = rows.Skip(page * RowsEach).Take(RowsEach).Select(row => JsonSerializer.Serialize(row, CrdsJsonContext.Default.BatchRow));
        await _maps.ApplyAsync(
            new ConfigMap
            {
                Metadata = new ObjectMeta
                {
                    Name = Naming.BatchPage(batch.Metadata.Name, page),
                    Namespace = batch.Metadata.Namespace,
                    Labels = new Dictionary<string, string> { [WellKnown.ManagedByLabel] = WellKnown.ManagedByValue, [WellKnown.BatchLabel] = Naming.Label(batch.Metadata.Name) },
                    Annotations = new Dictionary<string, string> { [PlanAnnotation] = PlanOf(status), [PageAnnotation] = page.ToString(CultureInfo.InvariantCulture) },
                    OwnerReferences = [Owner(batch)],
                },
                Data = new Dictionary<string, string> { [RowsKey] = string.Join('\n', lines) + "\n" },
            },
            CertOperatorApi.FieldManager,
            force: true,
            cancellationToken);
    }

    /// <summary>Removes what an earlier, longer plan has left.</summary>
    public async Task TrimAsync(CertificateRenewalBatch batch, int rows, CancellationToken cancellationToken)
    {
        var wanted = NamesOf(batch.Metadata.Name, rows).ToHashSet(StringComparer.Ordinal);
        await foreach (var map in ListAsync(batch, cancellationToken))
        {
            if (!wanted.Contains(map.Metadata.Name))
            {
                await Deletion.TryDeleteAsync(_maps, map, cancellationToken);
            }
        }
    }

    private async IAsyncEnumerable<ConfigMap> ListAsync(CertificateRenewalBatch batch, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // One page of ConfigMaps is up to 200 rows; a few at a time keep the answer small.
        var options = new ListOptions { Namespace = batch.Metadata.Namespace, LabelSelector = $"{WellKnown.BatchLabel}={Naming.Label(batch.Metadata.Name)}", Limit = 10 };
        await foreach (var map in _maps.ListAsync(options, cancellationToken))
        {
            if (map.Metadata.OwnerReferences?.Any(o => o.Uid == batch.Metadata.Uid) == true)
            {
                yield return map;
            }
        }
    }

    /// <summary>Somebody may have edited it: what is no list of rows counts as not there.</summary>
    private static List<BatchRow>? Parse(string? lines)
    {
        try
        {
            return lines?.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize(line, CrdsJsonContext.Default.BatchRow) ?? throw new JsonException("null is no row")).ToList();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static OwnerReference Owner(CertificateRenewalBatch batch)
        => new() { ApiVersion = CertOperatorApi.ApiVersion, Kind = CertificateRenewalBatch.KindName, Name = batch.Metadata.Name, Uid = batch.Metadata.Uid!, Controller = true, BlockOwnerDeletion = true };
}

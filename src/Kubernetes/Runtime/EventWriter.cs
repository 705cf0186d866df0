using System.Globalization;
using System.Text.Json.Nodes;

namespace CertOperator.Kubernetes;

/// <summary>Turns events into requests.</summary>
internal sealed class EventWriter(IResourceClient<Event> client, EventRecorderOptions options, Jitter jitter)
{
    private const string NamespaceOfClusterScope = "default";

    public NamespacedName NewName(EventKey key, DateTimeOffset at)
    {
        string suffix = string.Create(CultureInfo.InvariantCulture, $"{at.UtcTicks:x}{(int)(jitter.Next() * 0x10000):x4}");
        return new NamespacedName(
            key.Regarding.Namespace is { Length: > 0 } ns ? ns : NamespaceOfClusterScope,
            EventText.Name(key.Regarding.Name, suffix));
    }

    public async Task CreateAsync(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        EventKey key = recorded.Key;
        var created = new Event
        {
            Metadata = new ObjectMeta { Name = recorded.Name.Name, Namespace = recorded.Name.Namespace },
            EventTime = recorded.First,
            Series = recorded.Count > 1 ? new EventSeries { Count = recorded.Count, LastObservedTime = recorded.Last } : null,
            ReportingController = options.ReportingController,
            ReportingInstance = EventText.Word(options.ReportingInstance),
            Action = key.Action,
            Reason = key.Reason,
            Regarding = key.Regarding.ToReference(),
            Related = key.Related?.ToReference(),
            Note = key.Note,
            Type = key.Type.ToString(),
        };
        try
        {
            await client.CreateAsync(created, cancellationToken);
        }
        catch (AlreadyExistsException)
        {
            // Nobody else makes this name: an earlier attempt, whose answer was lost, did it.
        }
    }

    public async Task UpdateSeriesAsync(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        var patch = new JsonObject
        {
            ["series"] = new JsonObject
            {
                ["count"] = recorded.Count,
                ["lastObservedTime"] = recorded.Last.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
            },
        };
        try
        {
            await client.PatchAsync(recorded.Name, Patch.Merge(patch), null, cancellationToken);
        }
        catch (NotFoundException)
        {
            // Events live for an hour unless the server is told otherwise; a series may outlive its first one.
            recorded.Name = NewName(recorded.Key, recorded.Last);
            await CreateAsync(recorded, cancellationToken);
        }
    }
}

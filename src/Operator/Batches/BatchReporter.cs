using System.Text.Json;
using System.Text.Json.Nodes;
using CertOperator.Crds;
using CertOperator.Crds.Batches;
using CertOperator.Kubernetes;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Batches;

/// <summary>Where the status of a batch, its rows, its log and its Events change together. What changes with every run is stored now and then only.</summary>
public sealed partial class BatchReporter(IKubernetesClient client, ResourceStores stores, BatchPages pages, IEventRecorder events, ILogger<BatchReporter> logger)
{
    private static readonly TimeSpan StatusInterval = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan PageInterval = TimeSpan.FromSeconds(5);

    private readonly IResourceClient<CertificateRenewalBatch> _batches = client.Resource(CrdResources.Batches);

    /// <summary>Stores what is new: at once where the batch takes another turn, else when it is time.</summary>
    public async Task SaveAsync(CertificateRenewalBatch batch, BatchWork work, BatchStatus status, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var turn = IsTurn(batch.Status, status);
        if (work.Rows is { } rows && (turn || work.PagesDue <= now))
        {
            // The rows before the status that counts them: what the status says must be found in them.
            foreach (var page in work.UnsavedPages())
            {
                await pages.SaveAsync(batch, status, rows, page, cancellationToken);
                work.PageSaved(page);
            }

            work.PagesDue = now + PageInterval;
        }

        if ((turn || work.StatusDue <= now) && !Same(batch.Status, status))
        {
            var written = await _batches.UpdateStatusAsync(new CertificateRenewalBatch { Metadata = batch.Metadata, Spec = batch.Spec, Status = status }, cancellationToken);
            stores.Batches.Observe(written);
            work.StatusDue = now + StatusInterval;
            Announce(batch, status);
        }
    }

    /// <summary>Says of a batch that has ended that its changed spec was seen, and changes nothing.</summary>
    public async Task ObserveAsync(CertificateRenewalBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Metadata.DeletionTimestamp is null && batch.Status?.ObservedGeneration is { } observed && observed != batch.Metadata.Generation)
        {
            var patch = Patch.Merge(new JsonObject { ["status"] = new JsonObject { ["observedGeneration"] = batch.Metadata.Generation } });
            await _batches.PatchAsync(NamespacedName.Of(batch), patch, "status", cancellationToken);
        }
    }

    /// <summary>Stores a plan: its rows, then the status. A process that is killed in between plans again.</summary>
    public async Task SavePlanAsync(CertificateRenewalBatch batch, BatchWork work, BatchStatus status, DateTimeOffset now, CancellationToken cancellationToken)
    {
        work.MarkAllUnsaved();
        await SaveAsync(batch, work, status, now, cancellationToken);
        await pages.TrimAsync(batch, work.Rows!.Count, cancellationToken);
    }

    private static bool IsTurn(BatchStatus? before, BatchStatus after)
        => before is null || before.Phase != after.Phase || before.PlannedAt != after.PlannedAt || before.ObservedGeneration != after.ObservedGeneration
        || IsStalled(before) != IsStalled(after);

    private static bool IsStalled(BatchStatus status) => status.Conditions?.Any(c => c is { Type: Policies.PolicyStatusBuilder.Stalled, Status: "True" }) == true;

    private static bool Same(BatchStatus? a, BatchStatus b)
        => a is not null && JsonSerializer.SerializeToUtf8Bytes(a, CrdsJsonContext.Default.BatchStatus).AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(b, CrdsJsonContext.Default.BatchStatus));

    /// <summary>Tells of each turn once.</summary>
    private void Announce(CertificateRenewalBatch batch, BatchStatus status)
    {
        var before = batch.Status;
        if (IsStalled(status) && (before is null || !IsStalled(before) || before.Reason != status.Reason))
        {
            Tell(batch, EventType.Warning, status.Reason!, status.Message!);
        }
        else if (before?.Phase == status.Phase)
        {
            return;
        }

        switch (status.Phase)
        {
            case BatchPhase.Running when before?.Phase == BatchPhase.Paused:
                Tell(batch, EventType.Normal, BatchReasons.Resumed, "The batch goes on.");
                break;

            case BatchPhase.Running:
                Tell(batch, EventType.Normal, BatchReasons.Started, $"The certificates of {status.Preview?.Policies} policies are renewed.");
                break;

            case BatchPhase.Cancelling or BatchPhase.Planning:
                break;

            case BatchPhase.Stopping:
                Tell(batch, EventType.Warning, status.Reason!, status.Message!);
                break;

            case { } phase:
                Tell(batch, status.Reason is BatchReasons.SomeFailed or BatchReasons.TooManyFailures ? EventType.Warning : EventType.Normal, status.Reason!, Sentence(phase, status));
                break;
        }
    }

    private static string Sentence(BatchPhase phase, BatchStatus status)
        => phase is BatchPhase.Previewed ? $"{status.Preview?.Policies} policies would be renewed, {status.Counts?.Skipped} skipped."
            : phase is BatchPhase.Cancelled or BatchPhase.Stopped ? $"{status.Message} {status.Counts?.Succeeded} of {status.Counts?.Total} policies were renewed, {status.Counts?.Withdrawn} were not begun."
            : status.Message!;

    private void Tell(CertificateRenewalBatch batch, EventType type, string reason, string message)
    {
        events.Record(batch, type, reason, "Batch", message);
        LogTurn(batch.Metadata.Namespace!, batch.Metadata.Name, reason, message);
    }

    [LoggerMessage(1, LogLevel.Information, "Batch {Namespace}/{Batch}: {Reason}: {Text}")]
    private partial void LogTurn(string @namespace, string batch, string reason, string text);
}

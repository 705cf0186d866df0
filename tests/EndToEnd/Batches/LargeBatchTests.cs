using System.Buffers.Text;
using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using CertOperator.Crds.Batches;
using CertOperator.EndToEnd.Harness;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Batches;

/// <summary>A batch of a size at which rows have pages, as the CA sees it.</summary>
public sealed class LargeBatchTests : BatchTest
{
    private const int Policies = 1000;

    [Test]
    public async Task A_thousand_policies_keep_to_the_limits_through_a_kill_a_pause_and_a_cancellation()
    {
        const int MaxConcurrent = 32;
        const int PerHour = 90_000;
        TimeSpan soon = TimeSpan.FromSeconds(5);
        await CreateHeldPoliciesAsync(Policies);
        await Cluster.StartHttp01ServiceAsync();
        OperatorUnderTest victim = await Cluster.StartOperatorAsync();
        await WaitUntilReadyAsync(Policies);
        Assert.That(Cluster.Acme.OrdersPlaced, Is.Zero, "the Secrets are good");

        CertificateAuthorityLog log = new();
        var killed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Cluster.Acme.Hooks.Before = request =>
        {
            log.Note(request);
            return Task.FromResult<ProxiedAnswer?>(null);
        };
        Cluster.Acme.Hooks.After = async (request, answer) =>
        {
            if (log.NoteAnswer(request, answer) != Policies / 3)
            {
                return answer;
            }

            await victim.KillAsync();
            killed.SetResult();
            return ProxiedAnswer.Dropped;
        };

        log.Begin();
        await CreateBatchAsync(new BatchSpec { Mode = BatchMode.Live, MaxConcurrent = MaxConcurrent, MaxPerHour = PerHour });
        await killed.Task.WaitAsync(Deadline);
        await Cluster.StartOperatorAsync();
        await WaitForBatchAsync(s => s.Counts?.Succeeded > Policies / 2, "to be over half done", TimeSpan.FromMinutes(5));

        await ChangeBatchAsync(s => s with { Pause = true });
        await WaitForPhaseAsync(BatchPhase.Paused, soon);
        CertificateRenewalBatch paused = await WaitForBatchAsync(s => s.Counts is { Running: 0, Queued: 0 }, "to finish what had begun");
        Assert.That(paused.Status!.Counts!.Waiting, Is.EqualTo(Policies - paused.Status.Counts.Succeeded), "nothing has failed");
        int placed = Cluster.Acme.OrdersPlaced;
        Assert.That(placed - paused.Status.Counts.Succeeded, Is.InRange(0, MaxConcurrent), "orders that the killed operator could not write down");
        await ChangeBatchAsync(s => s with { Pause = false });
        CertificateRenewalBatch batch = await WaitForPhaseAsync(BatchPhase.Completed, TimeSpan.FromMinutes(5));

        Assert.That(batch.Status!.Counts, Is.EqualTo(new BatchCounts { Total = Policies, Succeeded = Policies }));
        int orders = Cluster.Acme.OrdersPlaced;
        Assert.That(orders - placed, Is.EqualTo(paused.Status.Counts.Waiting), "one order each after the pause");
        Assert.That(log.MostAtOnce, Is.InRange(2, MaxConcurrent), "at once, at the CA");
        TimeSpan apart = TimeSpan.FromHours(1) / PerHour;
        Assert.That(log.Orders.Where((at, i) => at < i * apart), Is.Empty, "orders that came too early");
        Assert.That((await BatchRunsAsync()).Select(r => r.Spec.PolicyRef.Name).ToList(), Is.Unique.And.Count.EqualTo(Policies));
        Assert.That((await RowsAsync(batch)).Select(r => r.State).ToList(), Has.Count.EqualTo(Policies).And.All.EqualTo(BatchRowState.Succeeded));
        Assert.That(batch.Status.RowPages, Has.Count.GreaterThan(1));

        await CreateBatchAsync(new BatchSpec { Mode = BatchMode.Live, MaxConcurrent = MaxConcurrent }, "summer");
        await WaitForBatchAsync(s => s.Counts?.Succeeded > 0, "to have begun", name: "summer");
        await ChangeBatchAsync(s => s with { Cancel = true }, "summer");
        await WaitForBatchAsync(s => s.Phase is BatchPhase.Cancelling or BatchPhase.Cancelled, "to be cancelled", soon, "summer");
        CertificateRenewalBatch cancelled = await WaitForPhaseAsync(BatchPhase.Cancelled, name: "summer");
        Assert.That(Cluster.Acme.OrdersPlaced - orders, Is.EqualTo(cancelled.Status!.Counts!.Succeeded).And.LessThan(Policies));
        Assert.That(cancelled.Status.Counts, Is.EqualTo(new BatchCounts { Total = Policies, Succeeded = cancelled.Status.Counts.Succeeded, Withdrawn = Policies - cancelled.Status.Counts.Succeeded }));
    }

    /// <summary>What the CA has seen of each host, which a process that is killed may have ordered twice: when its order came, and how many were open at once.</summary>
    private sealed class CertificateAuthorityLog
    {
        private readonly Dictionary<string, TimeSpan> _orders = new(StringComparer.Ordinal);
        private readonly HashSet<string> _open = new(StringComparer.Ordinal);
        private readonly HashSet<string> _served = new(StringComparer.Ordinal);
        private readonly Stopwatch _clock = new();

        public int MostAtOnce { get; private set; }

        public IReadOnlyList<TimeSpan> Orders => [.. _orders.Values.Order()];

        public void Begin() => _clock.Restart();

        public void Note(AcmeRequest request)
        {
            if (request.Kind != AcmeRequestKind.NewOrder)
            {
                return;
            }

            using var jws = JsonDocument.Parse(request.Http.Body);
            using var order = JsonDocument.Parse(Base64Url.DecodeFromChars(jws.RootElement.GetProperty("payload").GetString()));
            string host = order.RootElement.GetProperty("identifiers")[0].GetProperty("value").GetString()!;
            lock (_open)
            {
                _orders.TryAdd(host, _clock.Elapsed);
                _open.Add(host);
                MostAtOnce = Math.Max(MostAtOnce, _open.Count);
            }
        }

        /// <returns>How many hosts have their certificate, where this is a new one; null otherwise.</returns>
        public int? NoteAnswer(AcmeRequest request, ProxiedAnswer answer)
        {
            if (request.Kind != AcmeRequestKind.Certificate)
            {
                return null;
            }

            using var certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(answer.Body));
            string host = certificate.GetNameInfo(X509NameType.DnsName, forIssuer: false);
            lock (_open)
            {
                _open.Remove(host);
                return _served.Add(host) ? _served.Count : null;
            }
        }
    }
}

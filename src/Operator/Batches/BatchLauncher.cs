using CertOperator.Crds;
using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Pacing;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Runs;

namespace CertOperator.Operator.Batches;

/// <summary>Makes the runs of batches, one per policy and only where there is a place for it, and takes back those that have not begun.</summary>
public sealed class BatchLauncher(IKubernetesClient client, BatchGatherer gatherer, RunMaker maker, RunAdmission admission, IssuanceGate gate, WorkQueue<NamespacedName> batches)
{
    /// <summary>Between two looks at the spec, which may say by now that no run is to start.</summary>
    private const int MostAtOnce = 20;

    /// <summary>Policies that are looked at in vain: all of thousands may wait for one budget.</summary>
    private const int MostLooks = 200;

    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    private readonly IResourceClient<CertificateRenewalRun> _runs = client.Resource(CrdResources.Runs);

    /// <returns>How many runs were made, and whether another look at once may make more.</returns>
    public async Task<(int Started, bool More)> StartAsync(CertificateRenewalBatch batch, BatchWork work, int places, TimeProvider time, CancellationToken cancellationToken)
    {
        var most = Math.Min(places, MostAtOnce);
        var (chosen, more) = Choose(batch, work, most, time);

        // One after the other they would wait for the API server as long as all the steps of the runs before them do.
        var making = chosen.Select(c => MakeAsync(c, cancellationToken)).ToList();
        var started = 0;
        try
        {
            await Task.WhenAll(making);
        }
        finally
        {
            // What was made is in the rows even where another one could not be.
            foreach (var (choice, made) in chosen.Zip(making).Where(c => c.Second.IsCompletedSuccessfully))
            {
                started += Note(work, choice, await made, time.GetUtcNow()) ? 1 : 0;
            }
        }

        return (started, more);
    }

    /// <summary>Takes back runs that have not begun; their policies wait again.</summary>
    public async Task WithdrawAsync(BatchWork work, CancellationToken cancellationToken)
    {
        foreach (var index in work.InState(BatchRowState.Queued).ToList())
        {
            var row = work.Rows![index];
            var name = new NamespacedName(row.Namespace, row.Run!);
            if (!admission.TryBar(name))
            {
                work.Set(index, row with { State = BatchRowState.Running });
                continue;
            }

            try
            {
                await _runs.DeleteAsync(name, new DeleteOptions { PropagationPolicy = "Background" }, cancellationToken);
            }
            catch (NotFoundException)
            {
                // Somebody else was faster.
            }
            finally
            {
                admission.Unbar(name);
            }

            work.Set(index, BatchRows.TakenBack(row));
        }
    }

    /// <summary>The next rows whose runs may be made now, each of which has its place.</summary>
    private (List<Choice> Chosen, bool More) Choose(CertificateRenewalBatch batch, BatchWork work, int most, TimeProvider time)
    {
        var chosen = new List<Choice>();
        var looks = 0;
        foreach (var index in work.Ready(time.GetUtcNow()).ToList())
        {
            if (chosen.Count == most || looks++ == MostLooks)
            {
                return (chosen, true);
            }

            var now = time.GetUtcNow();
            if (Judge(batch, work, index, now) is not (var candidate, var provider))
            {
                continue;
            }

            var policy = candidate.Policy;
            if (BatchGatherer.ResolvedFor(candidate, provider) is not { } resolved || gate.TryEnter(policy, resolved, BatchReasons.Batch, cooldown: true, now) is not null)
            {
                work.Postpone(index, now + Moment);
                continue;
            }

            var (key, name) = (NamespacedName.Of(batch), BatchGatherer.RunName(batch, policy));
            if (!admission.TryEnter(name, () => batches.Add(key)))
            {
                gate.Release(policy.Metadata.Uid!);
                return (chosen, false);
            }

            chosen.Add(new Choice(index, policy, name, Template(batch, policy, provider, name.Name)));
        }

        return (chosen, false);
    }

    /// <returns>With what the policy is renewed now; null where it is not.</returns>
    private (BatchCandidate Candidate, CertificateProviderKind Provider)? Judge(CertificateRenewalBatch batch, BatchWork work, int index, DateTimeOffset now)
    {
        var row = work.Rows![index];
        if (!BatchSelection.NamespacesOf(batch).Contains(row.Namespace) || gatherer.PolicyOf(row) is not { } policy)
        {
            work.Set(index, BatchRows.With(row, new BatchVerdict.Skip(BatchReasons.PolicyNotFound, "The policy was deleted.")));
            return null;
        }

        var candidate = gatherer.WithWaits(gatherer.CandidateOf(policy), now);
        var verdict = BatchJudge.Judge(candidate, BatchSelection.StrategyOf(batch.Spec), batch.Status?.PlannedAt ?? now, now);
        work.Set(index, BatchRows.With(row, verdict));
        if (verdict is BatchVerdict.Later later)
        {
            work.Postpone(index, later.Until > now ? later.Until : now + Moment);
        }

        return verdict is BatchVerdict.Renew renew ? (candidate, renew.Provider) : null;
    }

    /// <returns>The run; null where another one is in the way.</returns>
    private async Task<CertificateRenewalRun?> MakeAsync(Choice choice, CancellationToken cancellationToken)
    {
        var inProgress = false;
        try
        {
            var run = await maker.MakeAsync(choice.Run, cancellationToken);
            if (run?.Metadata.Name != choice.Name.Name)
            {
                return null;
            }

            inProgress = !RunStateMachine.IsFinal(run.Status?.Phase);
            return run;
        }
        finally
        {
            if (!inProgress)
            {
                admission.Leave(choice.Name);
                gate.Release(choice.Policy.Metadata.Uid!);
            }
        }
    }

    /// <returns>Whether it has a run now.</returns>
    private static bool Note(BatchWork work, Choice choice, CertificateRenewalRun? run, DateTimeOffset now)
    {
        if (run is null)
        {
            work.Postpone(choice.Index, now + Moment);
            return false;
        }

        var begun = !RunStateMachine.IsFinal(run.Status?.Phase);
        work.Set(choice.Index, BatchRows.Follow(BatchRows.Started(work.Rows![choice.Index], choice.Name.Name, now), run, choice.Policy, begun));
        return true;
    }

    private static CertificateRenewalRun Template(CertificateRenewalBatch batch, CertificateRenewalPolicy policy, CertificateProviderKind provider, string name)
    {
        var spec = new RunSpec
        {
            PolicyRef = new PolicyReference { Name = policy.Metadata.Name },
            Mode = RunMode.Live,
            Trigger = RunTrigger.Batch,
            Provider = provider == ProviderChoice.PrimaryOf(policy.Spec) ? null : provider,
        };
        var run = RunTemplate.For(policy, name, spec, BatchReasons.Batch);
        run.Metadata.Labels![WellKnown.BatchLabel] = Naming.Label(batch.Metadata.Name);
        run.Metadata.Annotations![WellKnown.BatchOf] = NamespacedName.Of(batch).ToString();
        return run;
    }

    /// <summary>A row whose run is made: it has its place at the CA and among the runs.</summary>
    private sealed record Choice(int Index, CertificateRenewalPolicy Policy, NamespacedName Name, CertificateRenewalRun Run);
}

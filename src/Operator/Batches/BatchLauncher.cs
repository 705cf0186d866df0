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
        var started = 0;
        var looks = 0;
        foreach (var index in work.Ready(time.GetUtcNow()).ToList())
        {
            if (started == most || looks++ == MostLooks)
            {
                return (started, true);
            }

            switch (await StartOneAsync(batch, work, index, time.GetUtcNow(), cancellationToken))
            {
                case true:
                    started++;
                    break;

                case null:
                    return (started, false);
            }
        }

        return (started, false);
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

    /// <returns>True where a run was made, false where not for this policy, null where there is no place for any.</returns>
    private async Task<bool?> StartOneAsync(CertificateRenewalBatch batch, BatchWork work, int index, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var row = work.Rows![index];
        if (!BatchSelection.NamespacesOf(batch).Contains(row.Namespace) || gatherer.PolicyOf(row) is not { } policy)
        {
            work.Set(index, BatchRows.With(row, new BatchVerdict.Skip(BatchReasons.PolicyNotFound, "The policy was deleted.")));
            return false;
        }

        var candidate = gatherer.WithWaits(gatherer.CandidateOf(policy), now);
        var verdict = BatchJudge.Judge(candidate, BatchSelection.StrategyOf(batch.Spec), batch.Status?.PlannedAt ?? now, now);
        work.Set(index, BatchRows.With(row, verdict));
        if (verdict is BatchVerdict.Later later)
        {
            work.Postpone(index, later.Until > now ? later.Until : now + Moment);
        }

        return verdict is BatchVerdict.Renew renew ? await MakeAsync(batch, work, index, candidate, renew.Provider, now, cancellationToken) : false;
    }

    private async Task<bool?> MakeAsync(CertificateRenewalBatch batch, BatchWork work, int index, BatchCandidate candidate, CertificateProviderKind provider, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var policy = candidate.Policy;
        var name = BatchGatherer.RunName(batch, policy);
        if (BatchGatherer.ResolvedFor(candidate, provider) is not { } resolved || gate.TryEnter(policy, resolved, BatchReasons.Batch, cooldown: true, now) is not null)
        {
            work.Postpone(index, now + Moment);
            return false;
        }

        var key = NamespacedName.Of(batch);
        if (!admission.TryEnter(name, () => batches.Add(key)))
        {
            gate.Release(policy.Metadata.Uid!);
            return null;
        }

        var inProgress = false;
        try
        {
            var run = await maker.MakeAsync(Template(batch, policy, provider, name.Name), cancellationToken);
            if (run?.Metadata.Name != name.Name)
            {
                work.Postpone(index, now + Moment);
                return false;
            }

            inProgress = !RunStateMachine.IsFinal(run.Status?.Phase);
            work.Set(index, BatchRows.Follow(BatchRows.Started(work.Rows![index], name.Name, now), run, policy, begun: inProgress));
            return true;
        }
        finally
        {
            if (!inProgress)
            {
                admission.Leave(name);
                gate.Release(policy.Metadata.Uid!);
            }
        }
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
}

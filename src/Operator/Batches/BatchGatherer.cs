using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;
using CertOperator.Operator.Costs;
using CertOperator.Operator.Pacing;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Operator.Runs;

namespace CertOperator.Operator.Batches;

/// <summary>Reads everything that decisions about a batch and its policies rest on.</summary>
public sealed class BatchGatherer(ResourceStores stores, BatchPages pages, RunAdmission admission, IssuanceGate gate)
{
    public CertificateRenewalBatch? Find(NamespacedName key) => stores.Batches.Get(key);

    /// <summary>Takes up what an earlier process has left; a plan that is not all there is made again, and finds the runs that were made.</summary>
    public async Task LoadAsync(CertificateRenewalBatch batch, BatchWork work, CancellationToken cancellationToken)
    {
        if (work.Loaded)
        {
            return;
        }

        if (batch.Status is { PlannedAt: not null } status && await pages.LoadAsync(batch, status, cancellationToken) is { } rows && rows.All(r => MayBeOf(batch, status, r)))
        {
            work.SetPlan(rows);
            for (var i = 0; i < rows.Count; i++)
            {
                work.Set(i, Adopted(batch, rows[i]));
            }
        }

        work.Loaded = true;
    }

    /// <summary>The batch, and its rows as their runs stand now.</summary>
    public BatchObservation Observe(CertificateRenewalBatch batch, BatchWork work)
    {
        Follow(work);
        return new BatchObservation
        {
            Batch = batch,
            Rows = work.Rows,
            Refusal = BatchSelection.Refusal(batch, stores.SettingsOf),
            LastStart = work.LastStart,
        };
    }

    /// <summary>Brings the rows to where their runs stand now.</summary>
    public void Follow(BatchWork work)
    {
        foreach (var index in work.InState(BatchRowState.Queued, BatchRowState.Running).ToList())
        {
            var row = work.Rows![index];
            var name = new NamespacedName(row.Namespace, row.Run!);
            work.Set(index, BatchRows.Follow(row, stores.Runs.Get(name), PolicyOf(row), admission.HasEntered(name)));
        }
    }

    /// <summary>One row for each policy that the batch is about, the certificate that ends first before the others.</summary>
    public IReadOnlyList<BatchRow> Plan(CertificateRenewalBatch batch, DateTimeOffset plannedAt, DateTimeOffset now)
    {
        var rows = new List<(DateTimeOffset Ends, BatchRow Row)>();
        foreach (var policy in BatchSelection.NamespacesOf(batch).SelectMany(ns => stores.Policies.ByIndex(PolicyIndexes.Namespace, ns)))
        {
            var made = BatchSelection.Fits(batch.Spec.Selector, policy.Metadata.Labels) ? stores.Runs.Get(RunName(batch, policy)) : null;
            if (made is null && !BatchSelection.Fits(batch.Spec, policy, now))
            {
                continue;
            }

            // Whether the CA has room is asked when it is this policy's turn: by then it is another question.
            var verdict = BatchJudge.Judge(CandidateOf(policy), BatchSelection.StrategyOf(batch.Spec), plannedAt, now);
            var row = BatchRows.Plan(policy, verdict);
            rows.Add((policy.Status?.NotAfter ?? DateTimeOffset.MinValue, made is null ? row : BatchRows.Adopt(row, made)));
        }

        return [.. rows.OrderBy(r => r.Ends).ThenBy(r => r.Row.Namespace, StringComparer.Ordinal).ThenBy(r => r.Row.Policy, StringComparer.Ordinal).Select(r => r.Row)];
    }

    public CertificateRenewalPolicy? PolicyOf(BatchRow row) => stores.Policies.Get(new NamespacedName(row.Namespace, row.Policy));

    /// <summary>What is known of a policy without asking its CA's budgets.</summary>
    public BatchCandidate CandidateOf(CertificateRenewalPolicy policy)
    {
        var settings = stores.SettingsOf(policy.Metadata.Namespace!);
        policy = InheritedDefaults.Fill(policy, settings);
        var runs = stores.RunsOf(policy.Metadata.Namespace!, policy.Metadata.Name);
        return new BatchCandidate
        {
            Policy = policy,
            Settings = settings,
            Resolution = PolicyResolver.Resolve(policy, settings, ProviderChoice.Of(policy.Spec, policy.Status?.IssuanceFailures)),
            ActiveRun = runs.FirstOrDefault(r => !RunStateMachine.IsFinal(r.Status?.Phase)),
            IssuedAt = runs.Select(RunTally.Issued).Concat((policy.Status?.RecentIssuances ?? []).Select(t => (DateTimeOffset?)t)).Max(),
            Providers = ProviderChoice.CandidatesOf(policy.Spec).ToDictionary(p => p, p => StateOf(policy, settings, p)),
        };
    }

    /// <summary>With what the CAs of the providers have room for now.</summary>
    public BatchCandidate WithWaits(BatchCandidate candidate, DateTimeOffset now)
    {
        if (candidate.Resolution.Policy is null)
        {
            return candidate;
        }

        var waits = candidate.Providers.Keys.ToDictionary(p => p, p => ResolvedFor(candidate, p) is { } resolved ? gate.Find(candidate.Policy, resolved, BatchReasons.Batch, cooldown: true, now) : null);
        return candidate with
        {
            Cooldown = waits.Values.FirstOrDefault(w => w?.Reason == PacingReasons.Cooldown),
            Providers = candidate.Providers.ToDictionary(p => p.Key, p => p.Value with { Wait = waits[p.Key] is { } wait && wait.Reason != PacingReasons.Cooldown ? wait : null }),
        };
    }

    /// <summary>What the policy asks of one provider.</summary>
    public static ResolvedPolicy? ResolvedFor(BatchCandidate candidate, CertificateProviderKind provider)
        => candidate.Resolution.Policy?.Provider == provider ? candidate.Resolution.Policy : PolicyResolver.Resolve(candidate.Policy, candidate.Settings, provider).Policy;

    public static NamespacedName RunName(CertificateRenewalBatch batch, CertificateRenewalPolicy policy)
        => new(policy.Metadata.Namespace!, Naming.BatchRun(policy.Metadata.Name, policy.Metadata.Uid!, batch.Metadata.Uid!));

    /// <summary>Whoever may edit ConfigMaps could have written a row of another namespace. Where somebody has changed the spec instead, no run starts anyway.</summary>
    private static bool MayBeOf(CertificateRenewalBatch batch, BatchStatus status, BatchRow row)
        => BatchSelection.NamespacesOf(batch).Contains(row.Namespace) || status.PlanHash != BatchSelection.PlanHash(batch.Spec);

    /// <summary>A row as an earlier process has stored it, with the run that this one made since; and without one that is not the batch's for this policy, which may have been deleted and made anew.</summary>
    private BatchRow Adopted(CertificateRenewalBatch batch, BatchRow row)
    {
        if (BatchRows.IsFinal(row.State))
        {
            return row;
        }

        NamespacedName? name = PolicyOf(row) is { } policy ? RunName(batch, policy) : null;
        return row.State == BatchRowState.Waiting ? (name is { } own && stores.Runs.Get(own) is { } made ? BatchRows.Adopt(row, made) : row)
            : row.Run is not null && row.Run == name?.Name ? row
            : BatchRows.Follow(row, run: null, policy: null, begun: false);
    }

    private static ProviderState StateOf(CertificateRenewalPolicy policy, Crds.Settings.CertificateRenewalSettings? settings, CertificateProviderKind provider)
    {
        var problems = new List<string>();
        var issuer = IssuerResolver.Resolve(policy, provider, settings, problems.Add);
        return new ProviderState
        {
            Unconfigured = problems.Count > 0 ? string.Join(" ", problems) : null,
            Unhealthy = ProviderChoice.HasFailed(policy.Spec, policy.Status?.IssuanceFailures, provider)
                ? $"Runs of the policy got no certificate there {ProviderChoice.FailuresEach} times in a row."
                : null,
            Profile = (issuer as ResolvedAcmeIssuer)?.Profile,
            Exportable = RunCosts.IsExportable(policy.Spec, settings),
        };
    }
}

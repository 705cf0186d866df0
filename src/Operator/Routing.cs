using CertOperator.Crds;
using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Operator.Authorities;
using CertOperator.Operator.Batches;
using CertOperator.Operator.Hosting;
using CertOperator.Operator.Incidents;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Runs;
using CertOperator.Operator.Secrets;
using CertOperator.Operator.Slo;

namespace CertOperator.Operator;

/// <summary>Which change calls for a look at which object. Only keys go into the queues; what changed is read again.</summary>
public static class Routing
{
    public static void Connect(Informers informers, Queues queues, ChangeSignal tokens)
    {
        informers.Settings.Changed += change => SettingsChanged(change, informers.Stores, queues);
        informers.Runs.Changed += change => RunChanged(change, informers.Stores, queues, tokens);
        informers.Policies.Changed += change => PolicyChanged(change, informers.Stores, queues);
        informers.Batches.Changed += change => BatchChanged(change, queues);
    }

    private static void SettingsChanged(ObjectChange<CertificateRenewalSettings> change, ResourceStores stores, Queues queues)
    {
        if (change.Key.Name != CertificateRenewalSettings.DefaultName)
        {
            return;
        }

        foreach (var policy in stores.Policies.ByIndex(PolicyIndexes.Namespace, change.Key.Namespace))
        {
            queues.Policies.Add(NamespacedName.Of(policy), change.Priority);
            AddPrivateRoot(policy, stores, queues, change.Priority);
            queues.Probes.Add(NamespacedName.Of(policy), WorkPriority.Low);
            if (IncidentDecider.Concerns(policy))
            {
                queues.Incidents.Add(NamespacedName.Of(policy), change.Priority);
            }
        }

        queues.Rules.Add(WorkspaceRulesReconciler.KeyOf(change.Key.Namespace), WorkPriority.Low);

        // Which batches are let in here may be another matter now.
        foreach (var batch in stores.Batches.List().Where(b => !BatchStateMachine.IsFinal(b.Status?.Phase)))
        {
            queues.Batches.Add(NamespacedName.Of(batch), change.Priority);
        }

        // Their budgets and solvers may be others now.
        foreach (var waiting in stores.Runs.ByIndex(RunIndexes.Active, change.Key.Namespace))
        {
            queues.Runs.Add(NamespacedName.Of(waiting), change.Priority);
        }
    }

    private static void PolicyChanged(ObjectChange<CertificateRenewalPolicy> change, ResourceStores stores, Queues queues)
    {
        queues.Policies.Add(change.Key, change.Priority);
        AddPrivateRoot(change.Object, stores, queues, change.Priority);
        if (change.Kind != ObjectChangeKind.Modified)
        {
            // Only the first policy of a namespace and the last make a difference.
            queues.Rules.Add(WorkspaceRulesReconciler.KeyOf(change.Key.Namespace), WorkPriority.Low);
        }

        var deleted = change.Kind == ObjectChangeKind.Deleted || change.Object.Metadata.DeletionTimestamp is not null;
        var edited = change.Previous?.Metadata.Generation != change.Object.Metadata.Generation;
        if (deleted || IncidentDecider.Concerns(change.Object))
        {
            queues.Incidents.Add(change.Key, change.Priority);
        }

        var asked = PolicyProbing.Request(change.Object, change.Object.Status) is not null;
        if (asked || edited || change.Previous?.Status?.Fingerprint != change.Object.Status?.Fingerprint)
        {
            queues.Probes.Add(change.Key, asked ? change.Priority : WorkPriority.Low);
        }

        // A run that waits for a budget gives way to a rollback.
        if (change.Origin == ObjectChangeOrigin.Live && (deleted || edited || PolicyRollback.Request(change.Object, change.Object.Status) is not null))
        {
            foreach (var run in stores.RunsOf(change.Key.Namespace, change.Key.Name))
            {
                queues.Runs.Add(NamespacedName.Of(run));
            }
        }

        if (change.Origin == ObjectChangeOrigin.Live && (deleted || edited))
        {
            // Another policy may have waited for this one's Secret, that of its CA, or its key, or may now be in its way.
            foreach (var other in new[] { change.Object, change.Previous }.OfType<CertificateRenewalPolicy>().SelectMany(SharedKeys.IndexOf).Distinct(StringComparer.Ordinal).SelectMany(k => stores.Policies.ByIndex(PolicyIndexes.Key, k)))
            {
                queues.Policies.Add(NamespacedName.Of(other));
            }

            foreach (var secret in new[] { change.Object, change.Previous }.SelectMany(p => new[] { p?.Spec.SecretName, p?.Spec.ProviderConfig?.PrivateCa?.SecretName }).OfType<string>().Distinct(StringComparer.Ordinal))
            {
                foreach (var other in stores.Policies.ByIndex(PolicyIndexes.Secret, PolicyIndexes.SecretKey(change.Key.Namespace, secret)))
                {
                    queues.Policies.Add(NamespacedName.Of(other));
                }
            }
        }
    }

    private static void AddPrivateRoot(CertificateRenewalPolicy policy, ResourceStores stores, Queues queues, WorkPriority priority)
    {
        if (PrivateRootReconciler.KeyOf(policy, stores) is { } root)
        {
            queues.PrivateRoots.Add(root, priority);
        }
    }

    private static void RunChanged(ObjectChange<CertificateRenewalRun> change, ResourceStores stores, Queues queues, ChangeSignal tokens)
    {
        tokens.Raise();
        queues.Runs.Add(change.Key, change.Priority);
        var ended = change.Kind == ObjectChangeKind.Deleted || RunStateMachine.IsFinal(change.Object.Status?.Phase);
        var reassigned = change.Previous is { } previous && previous.Spec.PolicyRef.Name != change.Object.Spec.PolicyRef.Name;
        if (change.Origin == ObjectChangeOrigin.Live && (change.Kind != ObjectChangeKind.Modified || reassigned || change.Previous?.Status?.Phase != change.Object.Status?.Phase))
        {
            // Somebody may have written another policy there: the one that the run was made for must not wait for it for ever.
            foreach (var policy in new[] { change.Object.Spec.PolicyRef.Name, Ownership.PolicyName(change.Object) }.OfType<string>().Distinct(StringComparer.Ordinal))
            {
                queues.Policies.Add(new NamespacedName(change.Key.Namespace, policy));
            }

            if (NamespacedName.TryParse(change.Object.Metadata.Annotations?.GetValueOrDefault(WellKnown.BatchOf)) is { } batch)
            {
                queues.Batches.Add(batch);
            }

            foreach (var waiting in ended ? stores.RunsOf(change.Key.Namespace, change.Object.Spec.PolicyRef.Name) : [])
            {
                if (!RunStateMachine.IsFinal(waiting.Status?.Phase) || RunRequest.Open(waiting, null) is not null)
                {
                    queues.Runs.Add(NamespacedName.Of(waiting));
                }
            }
        }
    }

    /// <summary>What the operator itself writes there calls for nothing.</summary>
    private static void BatchChanged(ObjectChange<CertificateRenewalBatch> change, Queues queues)
    {
        if (change.Kind != ObjectChangeKind.Modified || change.Previous?.Metadata.Generation != change.Object.Metadata.Generation)
        {
            queues.Batches.Add(change.Key, change.Priority);
        }
    }
}

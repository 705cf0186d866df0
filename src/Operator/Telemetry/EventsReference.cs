using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Batches;
using CertOperator.Operator.Incidents;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Runs;
using CertOperator.Providers.Challenges;

namespace CertOperator.Operator.Telemetry;

/// <summary>docs/reference/events.md: every Event that is recorded.</summary>
public static class EventsReference
{
    public static IReadOnlyList<EventEntry> Entries { get; } =
    [
        Policy(EventType.Normal, PolicyReasons.Renewed, "A run has stored a new certificate, deployed it and looked at what is served."),
        Policy(EventType.Warning, PolicyReasons.RenewalFailed, "A run has failed; the policy tries again by itself, later each time."),
        Policy(EventType.Warning, PolicyReasons.NeedsManual, "A run needs a person; its message says for what."),
        Policy(EventType.Normal, PolicyReasons.RolledBack, "The earlier certificate was put back and renewal is held."),
        Policy(EventType.Warning, PolicyReasons.RollbackRefused, "No earlier certificate was put back; the message says why."),
        Policy(EventType.Normal, PolicyReasons.DryRunPassed, "A dry run has found nothing that a renewal would fail on."),
        Policy(EventType.Warning, PolicyReasons.DryRunFailed, "A dry run has found something; the run's status.report has a row for it."),
        Policy(EventType.Warning, PolicyReasons.ProviderChanged, "After runs that got no certificate another of spec.allowedProviders has its turn; as Normal, the policy's own has it again."),
        Policy(EventType.Normal, RunReasons.Resumed, "A run goes on at its failed step because an annotation asks for it."),
        Policy(EventType.Normal, RunReasons.Resolved, "A run takes over the certificate that an annotation names."),
        Policy(EventType.Warning, RunReasons.ResumptionRefused, "A run does not go on; the message says why."),
        Policy(EventType.Warning, RunReasons.ResolutionRefused, "What an annotation names is not taken over; the message says why."),
        Policy(EventType.Normal, RunReasons.ResumptionWaits, "A run that is to go on waits for something that passes; the message says for what."),
        Policy(EventType.Normal, RunReasons.ResolutionWaits, "What an annotation names is taken over when something has passed; the message says what."),
        Policy(EventType.Warning, RunReasons.KeysNotKeptCurrent, "A Secret was taken over that has keys which the operator does not write, such as keystore.jks; the message names them and what to do."),
        Policy(EventType.Warning, PolicyReasons.Mismatch, "An endpoint serves another certificate than the Secret holds."),
        Policy(EventType.Warning, PolicyReasons.Unreachable, "An endpoint could not be asked."),
        Policy(EventType.Warning, PolicyReasons.Revoked, "An endpoint serves a certificate that its CA says is revoked."),
        Policy(EventType.Normal, PolicyReasons.Matches, "Every endpoint serves the certificate in the Secret again."),
        Policy(EventType.Warning, PolicyReasons.NothingToProbe, "A look at the endpoints was asked for and the policy has none."),
        Policy(EventType.Warning, IncidentReasons.IncidentOpened, "An incident is open and its receivers are told."),
        Policy(EventType.Warning, IncidentReasons.IncidentUpdated, "There is news of an open incident, such as a higher severity."),
        Policy(EventType.Normal, IncidentReasons.IncidentAcknowledged, "Somebody works on it: the run was resumed."),
        Policy(EventType.Normal, IncidentReasons.IncidentResolved, "The incident is over."),
        Policy(EventType.Warning, IncidentReasons.IncidentNotDelivered, "A receiver could not be told until something changes; the message says what it answered."),
        Policy(EventType.Warning, PolicyReasons.TrustBundleForeign, "The ConfigMap of a trust bundle belongs to somebody else, so the CA gets no successor."),
        Policy(EventType.Warning, PolicyReasons.InvalidSpec, "The policy is Stalled: a field has to be changed. The same is said with each other reason of that condition."),
        Run(EventType.Normal, RunReasons.Resolved, "The run takes over the certificate that an annotation names. What annotations on a run ask for is told of with the reasons of the policy."),
        Run(EventType.Warning, ChallengeReasons.ChallengeNotRemoved, "Something that answered a challenge could not be taken away; remove it by hand."),
        Batch(EventType.Normal, BatchReasons.Planned, "A batch is planned and nothing is renewed yet."),
        Batch(EventType.Normal, BatchReasons.Started, "The first runs of a batch may begin."),
        Batch(EventType.Normal, BatchReasons.Paused, "No further run of the batch starts."),
        Batch(EventType.Normal, BatchReasons.Resumed, "The batch goes on."),
        Batch(EventType.Normal, BatchReasons.Cancelled, "The batch was cancelled; what was in progress is finished."),
        Batch(EventType.Normal, BatchReasons.Completed, "Every run of the batch has succeeded."),
        Batch(EventType.Warning, BatchReasons.SomeFailed, "The batch is at its end, and some of its runs have failed or need a person."),
        Batch(EventType.Warning, BatchReasons.TooManyFailures, "The batch has stopped: as many runs have failed as spec.stopAfterFailures says."),
    ];

    public static void Write(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(
            """
            <!-- Generated from code by make generate; do not edit. -->
            # Events

            `kubectl events --for crp/NAME`, or `kubectl get events --field-selector involvedObject.name=NAME`. An Event tells of a change once;
            what holds now is in the conditions. Reasons are part of the API and do not change.

            | on | type | reason | means |
            | --- | --- | --- | --- |

            """);
        foreach (var entry in Entries)
        {
            writer.Write($"| {entry.Kind} | {entry.Type} | `{entry.Reason}` | {entry.Meaning} |\n");
        }
    }

    private static EventEntry Policy(EventType type, string reason, string meaning) => new(CertificateRenewalPolicy.KindName, type, reason, meaning);

    private static EventEntry Run(EventType type, string reason, string meaning) => new(CertificateRenewalRun.KindName, type, reason, meaning);

    private static EventEntry Batch(EventType type, string reason, string meaning) => new(CertificateRenewalBatch.KindName, type, reason, meaning);
}

using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;

namespace CertOperator.Operator.Incidents;

/// <summary>The condition that goes with an incident. Pure.</summary>
public static class IncidentConditions
{
    /// <summary>The policy's conditions with the one about its incident; a policy that never had one gets none.</summary>
    public static IReadOnlyList<Condition>? With(CertificateRenewalPolicy policy, IncidentStatus? incident, DateTimeOffset now)
    {
        var before = policy.Status?.Conditions;
        if (incident is null && before?.Any(c => c is { Type: IncidentReasons.IncidentOpen, Status: "True" } or { Type: IncidentReasons.IncidentOpen, Reason: IncidentReasons.DeliveryFailed }) != true)
        {
            return before;
        }

        var conditions = new ConditionList(before, policy.Metadata.Generation, now);
        var untold = string.Join(" ", (incident?.Deliveries ?? []).Where(d => d.DeadLetter == true).Select(d => $"{d.Sink} could not be told: {d.LastError}"));
        if (incident is { ResolvedAt: null })
        {
            conditions.Set(
                IncidentReasons.IncidentOpen,
                true,
                untold.Length == 0 ? incident.Cause.ToString() : IncidentReasons.DeliveryFailed,
                Join($"Since {incident.Since:yyyy-MM-dd HH:mm} UTC: {incident.Message}", untold));
        }
        else
        {
            conditions.Set(IncidentReasons.IncidentOpen, false, untold.Length == 0 ? IncidentReasons.Resolved : IncidentReasons.DeliveryFailed, Join("The last incident is over.", untold));
        }

        return conditions.ToList();
    }

    private static string Join(string text, string more) => more.Length == 0 ? text : $"{text} {more}";
}

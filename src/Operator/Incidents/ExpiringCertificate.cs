using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Slo;

namespace CertOperator.Operator.Incidents;

/// <summary>When somebody has to hear that a certificate ends before long, whatever keeps it from being renewed. Pure.</summary>
public static class ExpiringCertificate
{
    /// <summary>As long as the alert of the same meaning waits: what was decided a moment ago, such as an edit of the policy, may help.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <returns>Null where there is no certificate, or where the operator does not renew it by itself.</returns>
    public static DateTimeOffset? At(CertificateRenewalPolicy policy, CertificateRenewalSettings? settings)
    {
        ArgumentNullException.ThrowIfNull(policy);
        if (policy.Status is not { NotAfter: { } end } status || PolicyStatusFacts.DueSince(status) is not { } due || due >= end)
        {
            return null;
        }

        var share = SloObjectives.From(settings?.Spec.Slo).ExpiringBelow;
        var at = end - ((end - due) * (double)share);
        var rest = status.Conditions?.FirstOrDefault(c => c.Type == PolicyStatusBuilder.Reconciling)?.LastTransitionTime + Patience;
        return AutomaticRenewal.Obstacle(policy, ProviderChoice.PrimaryOf(InheritedDefaults.Fill(policy, settings).Spec)) is not null ? null
            : rest > at ? rest
            : at;
    }
}

using CertOperator.Crds.Policies;
using CertOperator.Crds.Rules;
using CertOperator.Providers.Pki;

namespace CertOperator.Operator.Policies;

/// <summary>Why a policy needs a certificate now; the checks in the order of their weight. Pure.</summary>
public static class RenewalNeeds
{
    /// <summary>Needs that the certificate at hand can meet: it only has to be written to the Secret again.</summary>
    private static readonly HashSet<string> Restorable =
    [
        PolicyReasons.DoesNotExist,
        PolicyReasons.MissingData,
        PolicyReasons.InvalidKeyPair,
        PolicyReasons.InvalidCertificate,
        PolicyReasons.SecretOverwritten,
        PolicyReasons.SecretTemplateChanged,
    ];

    /// <summary>Whether a cooldown or a budget must not keep a certificate from being had: the one in use is lost, wrong or expired.</summary>
    public static bool CannotWait(string? reason)
        => IsRestorable(reason) || IsMismatch(reason) || reason is PolicyReasons.Expired;

    /// <summary>Whether the Secret holds a sound certificate that is not the one the policy asks for.</summary>
    public static bool IsMismatch(string? reason)
        => reason is PolicyReasons.RequestChanged or PolicyReasons.KeyChanged or PolicyReasons.IncorrectIssuer or PolicyReasons.SecretOverwritten;

    public static bool IsRestorable(string? reason) => reason is not null && Restorable.Contains(reason);

    /// <summary>From what was read in the Secret.</summary>
    /// <param name="finding">What stands there.</param>
    /// <param name="expected">Fingerprint of the certificate that the last run stored; null where none did.</param>
    /// <param name="policy">What is wanted.</param>
    /// <param name="schedule">When the certificate is due.</param>
    /// <param name="now">The time.</param>
    public static RenewalNeed? From(SecretFinding finding, string? expected, ResolvedPolicy policy, RenewalDecision? schedule, DateTimeOffset now)
    {
        switch (finding)
        {
            case SecretFinding.Absent:
                return new RenewalNeed(PolicyReasons.DoesNotExist, $"Secret {policy.SecretName} does not exist.");

            case SecretFinding.Defective defective:
                return new RenewalNeed(defective.Reason, defective.Message);

            case SecretFinding.Present present:
                return Mismatch(present, expected, policy) ?? FromTime(present.Certificate.NotAfter, schedule, now) ?? FromShape(present, policy);

            default:
                return null;
        }
    }

    /// <summary>From the status alone, while the Secret was not read again.</summary>
    public static RenewalNeed? From(PolicyStatus? status, ResolvedPolicy policy, RenewalDecision? schedule, DateTimeOffset now)
        => status?.NotAfter is { } notAfter
            ? FromTime(notAfter, schedule, now)
            : new RenewalNeed(PolicyReasons.DoesNotExist, $"Secret {policy.SecretName} holds no certificate yet.");

    /// <summary>What keeps a sound certificate from being the one that the policy asks for; null where it is.</summary>
    public static RenewalNeed? Mismatch(SecretFinding.Present present, string? expected, ResolvedPolicy policy)
    {
        if (expected is not null && present.Certificate.Fingerprint != expected)
        {
            return new RenewalNeed(PolicyReasons.SecretOverwritten, $"Somebody has put another certificate into Secret {policy.SecretName}.");
        }

        var names = present.Certificate.Names ?? [];
        if (present.TakenOver ? !policy.Names.All(n => NameCoverage.Covers(names, n)) : !new HashSet<string>(names, StringComparer.OrdinalIgnoreCase).SetEquals(policy.Names))
        {
            return new RenewalNeed(PolicyReasons.RequestChanged, "The names in the certificate are not those that the policy asks for.");
        }

        if (!policy.AcceptedServers.Contains(present.IssuedFrom) && (present.IssuedFrom is not null || expected is null))
        {
            return new RenewalNeed(
                PolicyReasons.IncorrectIssuer,
                present.IssuedFrom is null ? $"Secret {policy.SecretName} was not written by this policy." : $"The certificate was issued through {present.IssuedFrom}, and the policy asks for {policy.Issuer.Server}.");
        }

        if (!present.TakenOver && present.KeyBackend != policy.KeyBackend?.Identity)
        {
            return new RenewalNeed(PolicyReasons.KeyChanged, $"The private key is {present.KeyBackend ?? "one that the operator made"}, and the policy asks for {policy.KeyBackend?.Identity ?? "one that the operator makes"}.");
        }

        return !present.TakenOver && !policy.Issuer.KeyStays && (present.KeyAlgorithm != policy.KeyAlgorithm || present.KeySize != policy.KeySize)
            ? new RenewalNeed(PolicyReasons.KeyChanged, $"The private key is {Name(present.KeyAlgorithm)} {present.KeySize}, and the policy asks for {Name(policy.KeyAlgorithm)} {policy.KeySize}.")
            : null;
    }

    private static string Name(PrivateKeyAlgorithm algorithm) => algorithm.ToString().ToUpperInvariant();

    private static RenewalNeed? FromShape(SecretFinding.Present present, ResolvedPolicy policy)
        => present.UpToDate ? null : new RenewalNeed(PolicyReasons.SecretTemplateChanged, $"Labels, annotations or outputs of Secret {policy.SecretName} are not as the policy wants them.");

    private static RenewalNeed? FromTime(DateTimeOffset notAfter, RenewalDecision? schedule, DateTimeOffset now)
    {
        if (notAfter <= now)
        {
            return new RenewalNeed(PolicyReasons.Expired, $"The certificate expired on {notAfter:yyyy-MM-dd HH:mm} UTC.");
        }

        return schedule is not null && schedule.IsDue(now)
            ? new RenewalNeed(schedule.Source == RenewalSource.Ari ? PolicyReasons.RenewalAdvised : PolicyReasons.Renewing, $"The renewal time {schedule.RenewalTime:yyyy-MM-dd HH:mm} UTC ({schedule.Source}) has come.{(schedule.Window == WindowUse.TooLate ? " No window of spec.windows opens in time for the certificate, so it is not waited for." : "")}")
            : null;
    }
}

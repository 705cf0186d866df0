using System.Globalization;
using CertOperator.Crds;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;

namespace CertOperator.Operator.Probing;

/// <summary>What endpoints serve, in sentences. Pure.</summary>
public static class ServedFindings
{
    private const int MaxSentences = 3;

    /// <summary>Whether the endpoint itself says, in the CA's name, that its certificate is revoked.</summary>
    public static bool IsRevoked(EndpointSnapshot endpoint) => endpoint.Ocsp?.Status == OcspStatus.Revoked;

    /// <summary>A sentence for each endpoint that does not serve the certificate that it should, or serves one that is revoked; for the first of them where there are many.</summary>
    public static string Describe(IReadOnlyList<EndpointSnapshot> snapshot)
    {
        var wrong = snapshot.Where(s => !s.Matches || IsRevoked(s)).OrderByDescending(IsRevoked).ToList();
        var sentences = wrong.Take(MaxSentences).Select(Describe);
        return wrong.Count <= MaxSentences
            ? string.Join(" ", sentences)
            : string.Create(CultureInfo.InvariantCulture, $"{string.Join(" ", sentences)} {wrong.Count - MaxSentences} more are not right either; see status.snapshot.");
    }

    /// <summary>What to do about it: a reason and a sentence.</summary>
    public static (string Reason, string Advice) Advise(IReadOnlyList<EndpointSnapshot> snapshot)
        => snapshot.Any(s => s.Matches && IsRevoked(s))
                ? (PolicyReasons.Revoked, $"Find out why the CA revoked it, and annotate the policy with {WellKnown.RenewRequestedAt} to have another issued.")
            : snapshot.Any(s => s is { Matches: false, Reachable: true })
                ? (PolicyReasons.Mismatch, "Check that the server reads the Secret and reloads it.")
                : (PolicyReasons.Unreachable, "Check that the server runs and that the operator can reach it, with spec.verify.connectTo where it has another address for the operator; spec.verify.none is for hosts that the operator cannot reach.");

    /// <summary>The kind of Event that tells of a change; null where nobody need be told: not of each look, nor of one trouble turning into a lesser one.</summary>
    public static EventType? Announce(Condition? before, Condition after)
    {
        var isRevoked = after.Reason == PolicyReasons.Revoked;
        var wasRevoked = before?.Reason == PolicyReasons.Revoked;
        return (isRevoked && !wasRevoked) || (after.Status == "False" && before?.Status != "False") ? EventType.Warning
            : after.Status == "True" && !isRevoked && (before is { Status: "False" } || wasRevoked) ? EventType.Normal
            : null;
    }

    private static string Describe(EndpointSnapshot endpoint)
        => !endpoint.Reachable ? Sentences.Of($"{endpoint.Endpoint} could not be asked: {endpoint.Message}")
            : endpoint.Certificate is { } served ? string.Create(CultureInfo.InvariantCulture, $"{endpoint.Endpoint} serves certificate {served.Serial} of {served.Issuer}, valid until {served.NotAfter:yyyy-MM-dd HH:mm} UTC{(IsRevoked(endpoint) ? ", and staples an OCSP response that it is revoked" : "")}.")
            : $"{endpoint.Endpoint} sent no certificate.";
}

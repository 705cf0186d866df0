using System.Globalization;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Policies;

namespace CertOperator.Operator.Probing;

/// <summary>What endpoints serve, in sentences. Pure.</summary>
public static class ServedFindings
{
    private const int MaxSentences = 3;

    /// <summary>A sentence for each endpoint that does not serve the certificate that it should; for the first of them where there are many.</summary>
    public static string Describe(IReadOnlyList<EndpointSnapshot> snapshot)
    {
        var wrong = snapshot.Where(s => !s.Matches).ToList();
        var sentences = wrong.Take(MaxSentences).Select(Describe);
        return wrong.Count <= MaxSentences
            ? string.Join(" ", sentences)
            : string.Create(CultureInfo.InvariantCulture, $"{string.Join(" ", sentences)} {wrong.Count - MaxSentences} more do not either; see status.snapshot.");
    }

    /// <summary>What to do about it: a reason and a sentence.</summary>
    public static (string Reason, string Advice) Advise(IReadOnlyList<EndpointSnapshot> snapshot)
        => snapshot.Any(s => s is { Matches: false, Reachable: true })
            ? (PolicyReasons.Mismatch, "Check that the server reads the Secret and reloads it.")
            : (PolicyReasons.Unreachable, "Check that the server runs and that the operator can reach it, with spec.verify.connectTo where it has another address for the operator; spec.verify.none is for hosts that the operator cannot reach.");

    private static string Describe(EndpointSnapshot endpoint)
        => !endpoint.Reachable ? Sentences.Of($"{endpoint.Endpoint} could not be asked: {endpoint.Message}")
            : endpoint.Certificate is { } served ? string.Create(CultureInfo.InvariantCulture, $"{endpoint.Endpoint} serves certificate {served.Serial} of {served.Issuer}, valid until {served.NotAfter:yyyy-MM-dd HH:mm} UTC.")
            : $"{endpoint.Endpoint} sent no certificate.";
}

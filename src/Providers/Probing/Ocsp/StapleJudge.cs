using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using CertOperator.Crds.Runs;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.Probing.Ocsp;

/// <summary>What a stapled OCSP response is worth to a client (RFC 6960, section 3.2). Pure.</summary>
internal static class StapleJudge
{
    /// <summary>By so much may the responder's clock be ahead.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    private static readonly string[] Reasons =
    [
        "unspecified", "keyCompromise", "cACompromise", "affiliationChanged", "superseded", "cessationOfOperation", "certificateHold", "unknown", "removeFromCRL", "privilegeWithdrawn", "aACompromise",
    ];

    /// <param name="staple">What the server sent.</param>
    /// <param name="leaf">The certificate that it sent with it.</param>
    /// <param name="issuers">Certificates among which the leaf's issuer may be.</param>
    /// <param name="now">The time.</param>
    public static OcspStaple Judge(ReadOnlyMemory<byte> staple, X509Certificate2 leaf, IEnumerable<X509Certificate2> issuers, DateTimeOffset now)
    {
        OcspResponse response;
        try
        {
            response = OcspResponse.Read(staple);
        }
        catch (OcspFormatException e)
        {
            return Invalid(e.Message);
        }

        // Before anything is believed, the signature; until then its dates are nobody's word.
        if (issuers.FirstOrDefault(i => Issued(i, leaf)) is not { } issuer)
        {
            return Invalid("cannot be verified, since neither the server nor spec.verify.caBundle has the certificate of the issuer");
        }

        if (response.Answers.FirstOrDefault(a => a.IsAbout(leaf, issuer)) is not { } answer)
        {
            return Invalid("is about another certificate");
        }

        return OcspSignature.Defect(response, issuer, now) is { } defect ? Invalid(defect) : Judge(answer, now);
    }

    private static OcspStaple Judge(OcspAnswer answer, DateTimeOffset now)
    {
        var told = answer.NextUpdate < now ? Invalid(string.Create(CultureInfo.InvariantCulture, $"says {answer.Status} and expired on {answer.NextUpdate:yyyy-MM-dd HH:mm} UTC"))
            : answer.ThisUpdate > now + Skew ? Invalid(string.Create(CultureInfo.InvariantCulture, $"says {answer.Status} and counts from {answer.ThisUpdate:yyyy-MM-dd HH:mm} UTC only"))
            : new OcspStaple { Status = answer.Status, Message = Message(answer) };
        return told with { ThisUpdate = answer.ThisUpdate, NextUpdate = answer.NextUpdate };
    }

    private static string? Message(OcspAnswer answer) => answer.Status switch
    {
        OcspStatus.Revoked => string.Create(CultureInfo.InvariantCulture, $"Revoked on {answer.RevokedAt:yyyy-MM-dd HH:mm} UTC, reason {Reasons.ElementAtOrDefault(answer.Reason ?? 0) ?? "unknown"}."),
        OcspStatus.Unknown => "The responder does not know the certificate.",
        _ => null,
    };

    private static bool Issued(X509Certificate2 issuer, X509Certificate2 leaf)
        => issuer.SubjectName.RawData.AsSpan().SequenceEqual(leaf.IssuerName.RawData) && ChainLinks.FirstBroken([leaf, issuer]) is null;

    private static OcspStaple Invalid(string defect) => new()
    {
        Status = OcspStatus.Invalid,
        Message = $"The stapled OCSP response {defect}. Clients may refuse the server; make it fetch another.",
    };
}

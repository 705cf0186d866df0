using System.Globalization;

namespace CertOperator.Providers.Pki;

/// <summary>Something that keeps an issued certificate from being used.</summary>
/// <param name="Reason">One of <see cref="PkiReasons"/>.</param>
/// <param name="Message">A sentence on what was found and what to do.</param>
public abstract record CertificateDefect(string Reason, string Message)
{
    public sealed record KeyMismatch() : CertificateDefect(
        PkiReasons.KeyMismatch,
        "The certificate is for another key than the one it was requested for; ask the CA for a new certificate with the request that was sent.");

    public sealed record NameMissing(string Name) : CertificateDefect(
        PkiReasons.NameMissing,
        $"The certificate does not hold the name {Name}; check what the CA account or role may issue.");

    public sealed record UnexpectedName(string Name) : CertificateDefect(
        PkiReasons.UnexpectedName,
        $"The certificate holds the name {Name}, which was not asked for; add it to spec.additionalNames if it is meant, or mend the CA's settings.");

    public sealed record NotYetValid(DateTimeOffset NotBefore, DateTimeOffset Now) : CertificateDefect(
        PkiReasons.NotYetValid,
        string.Create(CultureInfo.InvariantCulture, $"The certificate is valid from {NotBefore.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ} only, and it is {Now.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}; check the clocks here and at the CA."));

    public sealed record Expired(DateTimeOffset NotAfter, DateTimeOffset Now) : CertificateDefect(
        PkiReasons.Expired,
        string.Create(CultureInfo.InvariantCulture, $"The certificate ended at {NotAfter.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}, and it is {Now.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}; check the clocks here and at the CA."));

    /// <param name="Position">The certificate's place in the chain; 0 is the leaf.</param>
    /// <param name="Detail">What is wrong with it.</param>
    public sealed record BrokenChain(int Position, string Detail) : CertificateDefect(
        PkiReasons.BrokenChain,
        $"The certificate chain is broken: {Detail}; no client would trust it, so the CA has to mend what it sends.");

    public sealed record NotALeaf() : CertificateDefect(
        PkiReasons.NotALeaf,
        "The certificate is a CA's own and not one for a server; the CA has to send the leaf first.");

    public sealed record NotAServerCertificate() : CertificateDefect(
        PkiReasons.NotAServerCertificate,
        "The certificate's extended key usage lacks server authentication; choose a CA profile or role for TLS servers.");
}

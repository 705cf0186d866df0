namespace CertOperator.Acme;

/// <summary>A downloaded chain (RFC 8555 section 7.4.2).</summary>
/// <param name="Pem">Certificates only, the end entity's first. Checked for PEM shape, not for X.509.</param>
/// <param name="Alternates">The same certificate with other chains, each to be downloaded from its own URL.</param>
public sealed record AcmeCertificateChain(string Pem, IReadOnlyList<Uri> Alternates);

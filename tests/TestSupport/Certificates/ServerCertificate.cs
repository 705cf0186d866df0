using System.Security.Cryptography.X509Certificates;

namespace CertOperator.TestSupport.Certificates;

/// <summary>What a TLS server presents.</summary>
/// <param name="Certificate">The leaf with its private key.</param>
/// <param name="Issuers">Sent after the leaf.</param>
public sealed record ServerCertificate(X509Certificate2 Certificate, X509Certificate2Collection Issuers);

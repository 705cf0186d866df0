namespace CertOperator.Providers.Probing.Ocsp;

/// <summary>Bytes that are no OCSP response about any certificate. The message goes on after "The stapled OCSP response", without a full stop.</summary>
internal sealed class OcspFormatException(string message) : Exception(message);

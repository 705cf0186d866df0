namespace CertOperator.Providers.Pki;

/// <summary>A key or certificate that cannot be used.</summary>
/// <param name="reason">One of <see cref="PkiReasons"/>.</param>
/// <param name="message">A sentence that says what was found; it never holds key material.</param>
/// <param name="inner">What the library underneath said, if anything.</param>
public sealed class PkiException(string reason, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Reason { get; } = reason;
}

namespace CertOperator.Acme;

/// <summary>When the CA suggests to renew (RFC 9773 section 4.2). A window in the past means: now.</summary>
/// <param name="Start">Start of the window.</param>
/// <param name="End">End of the window, after <paramref name="Start"/>.</param>
/// <param name="ExplanationUrl">A page for people that says why; may be null.</param>
/// <param name="RetryAfter">When to ask again; null when the server did not say, then 6 h is the RFC's advice.</param>
public sealed record RenewalInfo(DateTimeOffset Start, DateTimeOffset End, Uri? ExplanationUrl, TimeSpan? RetryAfter);

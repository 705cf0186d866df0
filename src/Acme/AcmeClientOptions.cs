namespace CertOperator.Acme;

/// <summary>Limits and manners towards one ACME server.</summary>
public sealed record AcmeClientOptions
{
    /// <summary>Sent with every request (RFC 8555 section 6.1). <value>CertOperator</value></summary>
    public string UserAgent { get; init; } = "CertOperator";

    /// <summary>Largest response body that is read. <value>1 MiB</value></summary>
    public int MaxBodyBytes { get; init; } = 1024 * 1024;

    /// <summary>Time for one HTTP request, from connecting to the last byte of the body. <value>30 s</value></summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Cap on what a Retry-After may ask for. <value>7 days, the longest window of a public CA's rate limit</value></summary>
    public TimeSpan MaxRetryAfter { get; init; } = TimeSpan.FromDays(7);

    /// <summary>
    /// How often one request is signed anew after "badNonce". Each retry carries the nonce of the refusal itself and so normally succeeds;
    /// the bound is for servers that refuse at random. <value>20</value>
    /// </summary>
    public int MaxBadNonceRetries { get; init; } = 20;

    /// <summary>How long a nonce is worth trying. <value>1 h</value></summary>
    public TimeSpan NonceLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How many nonces are kept; more only ever pile up after a burst. <value>512</value></summary>
    public int MaxNonces { get; init; } = 512;

    /// <summary>How long the directory is believed before it is fetched again. <value>1 day</value></summary>
    public TimeSpan DirectoryLifetime { get; init; } = TimeSpan.FromDays(1);
}

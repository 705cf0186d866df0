namespace CertOperator.Acme;

/// <summary>
/// The server sent what no ACME server should: an HTML page, JSON of another shape, a body over the cap, no Location, a redirect.
/// The message names the URL (without query), the status, the content type and what to check.
/// </summary>
public sealed class AcmeProtocolException(string message, int? status = null, string? contentType = null, Exception? inner = null)
    : AcmeException(message, inner)
{
    /// <summary>HTTP status of the response, where there was one.</summary>
    public int? Status { get; } = status;

    /// <summary>Content type of the response as sent, cut to 200 characters.</summary>
    public string? ContentType { get; } = contentType;
}

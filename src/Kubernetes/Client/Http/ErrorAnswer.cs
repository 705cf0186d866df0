using System.Net;
using System.Text;
using System.Text.Json;

namespace CertOperator.Kubernetes;

/// <summary>Turns a refusal into the exception that callers know it by.</summary>
internal static class ErrorAnswer
{
    private const int MaxTextShown = 300;

    public static async Task<KubernetesException> ReadAsync(
        ApiRequest request, HttpResponseMessage response, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var body = await ReadBodyAsync(response, cancellationToken);
        var status = ParseStatus(body);
        var message = status?.Message is { Length: > 0 } said ? said : Shown(response, body);
        return ToException(request.ToString(), response.StatusCode, message, status, RetryAfter(response, status, timeProvider));
    }

    /// <summary>For the ERROR event of a watch.</summary>
    public static KubernetesException FromEvent(ApiRequest request, Status status)
    {
        var code = status.Code ?? (status.Reason is "Expired" or "Gone" ? 410 : 500);
        TimeSpan? retryAfter = status.Details?.RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        return ToException(request.ToString(), (HttpStatusCode)code, status.Message ?? "the watch ended in an error", status, retryAfter);
    }

    private static KubernetesException ToException(
        string request, HttpStatusCode code, string said, Status? status, TimeSpan? retryAfter)
    {
        var message = $"{request}: {said} ({(int)code}{(status?.Reason is { Length: > 0 } reason ? " " + reason : "")})";
        return (int)code switch
        {
            401 => new UnauthorizedException(message, status),
            403 => new ForbiddenException(message, status),
            404 => new NotFoundException(message, status),
            409 when status?.Reason == "AlreadyExists" => new AlreadyExistsException(message, status),
            409 => new ConflictException(message, status),
            410 => new GoneException(message, status),
            422 => new InvalidException(message, status),
            429 => new TooManyRequestsException(message, retryAfter, status),
            >= 500 => new ServerUnavailableException(code, message, retryAfter, status),
            _ => new KubernetesException(code, status?.Reason, message, status),
        };
    }

    // Seconds or a date (RFC 9110, section 10.2.3); the server repeats the seconds in the Status.
    private static TimeSpan? RetryAfter(HttpResponseMessage response, Status? status, TimeProvider timeProvider)
    {
        TimeSpan? asked = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - timeProvider.GetUtcNow(),
            _ => status?.Details?.RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        };
        return asked < TimeSpan.Zero ? TimeSpan.Zero : asked;
    }

    private static async Task<byte[]> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = new CappedStream(await response.Content.ReadAsStreamAsync(cancellationToken), ApiLimits.Error);
        var body = new MemoryStream();
        try
        {
            await stream.CopyToAsync(body, cancellationToken);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // The status code says enough; what came of the body is shown.
        }

        return body.ToArray();
    }

    private static Status? ParseStatus(byte[] body)
    {
        try
        {
            var status = JsonSerializer.Deserialize(body, KubernetesJsonContext.Default.Status);
            return status?.Kind == "Status" ? status : null;
        }
        catch (JsonException)
        {
            // Plain text, or the page of a gateway in between: shown as text.
            return null;
        }
    }

    private static string Shown(HttpResponseMessage response, byte[] body)
    {
        var text = Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, MaxTextShown))).ReplaceLineEndings(" ").Trim();
        var printable = string.Concat(text.Where(c => !char.IsControl(c)));
        var type = response.Content.Headers.ContentType?.MediaType ?? "no content type";
        return printable.Length == 0 ? "the answer says nothing" : $"{printable} [{type}]";
    }
}

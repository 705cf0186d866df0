using System.Net;
using System.Text.Json;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Gcp;

/// <summary>Turns what Google Cloud answers, or what goes wrong on the way there, into what a run can do about it.</summary>
public static class GcpFailures
{
    private const int MaxExcerpt = 500;
    private const string Service = "Google Cloud";

    /// <summary>An answer that is no success (https://cloud.google.com/apis/design/errors).</summary>
    /// <param name="access">Who asked.</param>
    /// <param name="what">What was asked: method and path.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="body">The body.</param>
    /// <param name="retryAfter">What the server asks to wait.</param>
    public static IssuanceException FromAnswer(GcpAccess access, string what, HttpStatusCode status, string body, TimeSpan? retryAfter)
    {
        ArgumentNullException.ThrowIfNull(access);
        var error = ErrorOf(body);
        var said = error?.Message is { Length: > 0 } message ? Excerpt(message) : Excerpt(body);
        return Judge(access, $"{Service} refused {what} with {(int)status}{(error?.Status is { } code ? $" {code}" : "")}", said, error?.Status ?? NameOf(status), retryAfter);
    }

    /// <summary>An operation that ended badly; its code is one of google.rpc.Code.</summary>
    public static IssuanceException FromOperation(GcpAccess access, string what, GcpError error)
    {
        ArgumentNullException.ThrowIfNull(access);
        ArgumentNullException.ThrowIfNull(error);
        var code = error.Code switch
        {
            3 => "INVALID_ARGUMENT",
            4 or 13 or 14 => "UNAVAILABLE",
            5 => "NOT_FOUND",
            6 or 10 => "ABORTED",
            7 => "PERMISSION_DENIED",
            8 => "RESOURCE_EXHAUSTED",
            16 => "UNAUTHENTICATED",
            _ => "FAILED_PRECONDITION",
        };
        return Judge(access, $"{Service} could not complete {what}: {code}", Excerpt(error.Message ?? ""), code, null);
    }

    /// <summary>No answer came, or none that can be read.</summary>
    public static IssuanceException FromTransport(Exception exception, Uri endpoint, string what)
    {
        ArgumentNullException.ThrowIfNull(exception);
        ArgumentNullException.ThrowIfNull(endpoint);
        return TransportFailures.Find(exception, connect => new IssuanceException(IssuanceFailure.Transient, IssuanceReasons.ServerUnreachable, $"{Service}: {connect.Message}", inner: exception))
            ?? new IssuanceException(IssuanceFailure.Transient, IssuanceReasons.ServerUnreachable, $"{Service} at {endpoint.Authority} gave no whole answer to {what}: {Excerpt(exception.Message)}", inner: exception);
    }

    /// <summary>An answer that was cut off, or comes from something that is not Google Cloud.</summary>
    public static IssuanceException Unreadable(GcpAccess access, Uri endpoint, string what)
    {
        ArgumentNullException.ThrowIfNull(access);
        ArgumentNullException.ThrowIfNull(endpoint);
        return new IssuanceException(
            IssuanceFailure.Transient,
            GcpReasons.UnexpectedAnswer,
            $"{endpoint.Authority} answered {what} with something that is no whole answer of its API. The operator tries again; if that goes on, check {access.Field}.endpoint.");
    }

    /// <summary>The token endpoint refused the account's assertion (RFC 6749, section 5.2).</summary>
    public static IssuanceException FromTokenEndpoint(GcpAccess access, Uri endpoint, HttpStatusCode status, string body, TimeSpan? retryAfter)
    {
        ArgumentNullException.ThrowIfNull(access);
        ArgumentNullException.ThrowIfNull(endpoint);
        var what = $"{endpoint.Authority} gave {access.Identity} no token and answered {(int)status}: {Excerpt(body)}";
        return status is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError
            ? new IssuanceException(IssuanceFailure.Transient, IssuanceReasons.ServerError, $"{what} The operator tries again.", retryAfter)
            : new IssuanceException(IssuanceFailure.NeedsManual, GcpReasons.CredentialsRefused, $"{what} {Mend(access)}");
    }

    /// <summary>What a server said, as a sentence.</summary>
    public static string Excerpt(string text)
    {
        var line = ServerWords.Excerpt(text, MaxExcerpt);
        return text.Length > MaxExcerpt || line.Length == 0 || line.EndsWith('.') ? line : line + ".";
    }

    private static IssuanceException Judge(GcpAccess access, string what, string said, string code, TimeSpan? retryAfter)
    {
        var sentence = said.Length == 0 ? $"{what}." : $"{what}: {said}";
        return code switch
        {
            "UNAUTHENTICATED" => new IssuanceException(IssuanceFailure.NeedsManual, GcpReasons.CredentialsRefused, $"{sentence} {Mend(access)}"),
            "PERMISSION_DENIED" when said.Contains("has not been used", StringComparison.Ordinal) || said.Contains("is disabled", StringComparison.Ordinal)
                => new IssuanceException(IssuanceFailure.NeedsManual, GcpReasons.AccessDenied, $"{sentence} Enable the Certificate Manager API in project {access.Project}, then resume the run."),
            "PERMISSION_DENIED" => new IssuanceException(IssuanceFailure.NeedsManual, GcpReasons.AccessDenied, $"{sentence} Grant {access.Identity} the role roles/certificatemanager.editor in project {access.Project}, then resume the run."),
            "NOT_FOUND" => new IssuanceException(IssuanceFailure.NeedsManual, GcpReasons.NotFound, $"{sentence} Check {access.Field}.project and location, then resume the run."),
            "RESOURCE_EXHAUSTED" => new IssuanceException(IssuanceFailure.Transient, IssuanceReasons.RateLimited, $"{sentence} The operator waits and tries again.", retryAfter),
            "ABORTED" or "ALREADY_EXISTS" => new IssuanceException(IssuanceFailure.Transient, GcpReasons.RequestRefused, $"{sentence} Something else changes the same resource; the operator tries again.", retryAfter),
            "UNAVAILABLE" or "INTERNAL" or "DEADLINE_EXCEEDED" or "UNKNOWN" => new IssuanceException(IssuanceFailure.Transient, IssuanceReasons.ServerError, $"{sentence} Google Cloud has a fault; the operator tries again.", retryAfter),
            _ => new IssuanceException(IssuanceFailure.Failed, GcpReasons.RequestRefused, sentence),
        };
    }

    private static string Mend(GcpAccess access)
        => access.CredentialsSecretName is { } secret
            ? $"Put a valid service account key into credentials.json of Secret {secret}, named by {access.Field}.credentialsSecretName, then resume the run."
            : $"Give the operator's Pod a service account of Google Cloud, or name a Secret in {access.Field}.credentialsSecretName, then resume the run.";

    private static GcpError? ErrorOf(string body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, GcpJsonContext.Default.GcpErrorAnswer)?.Error;
        }
        catch (JsonException)
        {
            // A load balancer on the way speaks HTML.
            return null;
        }
    }

    private static string NameOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.BadRequest => "INVALID_ARGUMENT",
        HttpStatusCode.Unauthorized => "UNAUTHENTICATED",
        HttpStatusCode.Forbidden => "PERMISSION_DENIED",
        HttpStatusCode.NotFound => "NOT_FOUND",
        HttpStatusCode.Conflict => "ABORTED",
        HttpStatusCode.TooManyRequests => "RESOURCE_EXHAUSTED",
        >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout => "UNAVAILABLE",
        _ => "FAILED_PRECONDITION",
    };
}

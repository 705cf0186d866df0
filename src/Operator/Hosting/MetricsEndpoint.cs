using System.Net;
using CertOperator.Operator.Hosting.Access;
using CertOperator.Operator.Telemetry;
using Microsoft.AspNetCore.Http;

namespace CertOperator.Operator.Hosting;

/// <summary><c>/metrics</c>.</summary>
internal sealed class MetricsEndpoint(ServedMetrics metrics)
{
    private const string Scheme = "Bearer ";

    /// <summary>Seconds. Scrapers come again by themselves; this is for people and scripts.</summary>
    private const string Soon = "1", OnceListed = "5";

    public async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Path.Value is not ScraperAccess.Path)
        {
            await HttpAnswers.NotFoundAsync(context);
            return;
        }

        if (!HttpAnswers.IsRead(context.Request))
        {
            await HttpAnswers.NotAllowedAsync(context);
            return;
        }

        if (metrics.Access is { } access && await JudgeAsync(access, context) is var verdict and not AccessVerdict.Allowed)
        {
            await RefuseAsync(context, verdict);
            return;
        }

        if (metrics.Problem() is { } problem)
        {
            // A page without the policies would tell Prometheus that they are gone, and end every alert about them. What a scrape that
            // failed leaves out is only not known.
            context.Response.Headers.RetryAfter = OnceListed;
            await HttpAnswers.TextAsync(context, StatusCodes.Status503ServiceUnavailable, $"{problem}\n");
            return;
        }

        context.Response.ContentType = MetricTextWriter.ContentType;
        if (HttpMethods.IsGet(context.Request.Method))
        {
            // Before the start Kestrel keeps what is written in memory of its own.
            await context.Response.StartAsync(context.RequestAborted);
            await metrics.Registry.WriteAsync(context.Response.BodyWriter, context.RequestAborted);
        }
    }

    private static Task<AccessVerdict> JudgeAsync(ScraperAccess access, HttpContext context)
    {
        // RFC 9110, section 11.1: the name of the scheme knows no case.
        var header = context.Request.Headers.Authorization is [{ } only] ? only : "";
        var token = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : "";
        return access.JudgeAsync(token, context.Connection.RemoteIpAddress ?? IPAddress.None, context.RequestAborted);
    }

    private static Task RefuseAsync(HttpContext context, AccessVerdict verdict)
    {
        switch (verdict)
        {
            case AccessVerdict.NotAuthenticated:
                context.Response.Headers.WWWAuthenticate = "Bearer";
                return HttpAnswers.TextAsync(context, StatusCodes.Status401Unauthorized, "not authenticated: send a token that this cluster's API server knows, as Authorization: Bearer TOKEN\n");
            case AccessVerdict.Denied:
                return HttpAnswers.TextAsync(context, StatusCodes.Status403Forbidden, "denied: grant the token's user the verb get on the nonResourceURL /metrics\n");
            case AccessVerdict.TooMany:
                context.Response.Headers.RetryAfter = Soon;
                return HttpAnswers.TextAsync(context, StatusCodes.Status429TooManyRequests, "too many tokens that are not known yet: send the same one again in a moment\n");
            default:
                return HttpAnswers.TextAsync(context, StatusCodes.Status503ServiceUnavailable, "the API server could not be asked who this is and what they may do; the operator's log says why\n");
        }
    }
}

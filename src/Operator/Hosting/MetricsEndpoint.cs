using CertOperator.Operator.Hosting.Access;
using CertOperator.Operator.Telemetry;
using Microsoft.AspNetCore.Http;

namespace CertOperator.Operator.Hosting;

/// <summary><c>/metrics</c>.</summary>
internal sealed class MetricsEndpoint(MetricRegistry registry, ScraperAccess? access)
{
    private const string Scheme = "Bearer ";

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

        if (access is not null && await JudgeAsync(access, context) is var verdict and not AccessVerdict.Allowed)
        {
            await RefuseAsync(context, verdict);
            return;
        }

        context.Response.ContentType = MetricTextWriter.ContentType;
        if (HttpMethods.IsGet(context.Request.Method))
        {
            // Before the start Kestrel keeps what is written in memory of its own.
            await context.Response.StartAsync(context.RequestAborted);
            await registry.WriteAsync(context.Response.BodyWriter, context.RequestAborted);
        }
    }

    private static Task<AccessVerdict> JudgeAsync(ScraperAccess access, HttpContext context)
    {
        // RFC 9110, section 11.1: the name of the scheme knows no case.
        var header = context.Request.Headers.Authorization is [{ } only] ? only : "";
        var token = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : "";
        return token.Length == 0 ? Task.FromResult(AccessVerdict.NotAuthenticated) : access.JudgeAsync(token, context.RequestAborted);
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
            default:
                return HttpAnswers.TextAsync(context, StatusCodes.Status503ServiceUnavailable, "the API server could not be asked who this is and what they may do; the operator's log says why\n");
        }
    }
}

using System.Text;
using Microsoft.AspNetCore.Http;

namespace CertOperator.Operator.Hosting;

/// <summary><c>/livez</c> and <c>/readyz</c> in the API server's own style: <c>ok</c>, or with <c>?verbose</c> and on failure a line for each check.</summary>
internal sealed class HealthEndpoint(HealthChecks checks)
{
    public Task HandleAsync(HttpContext context) => context.Request.Path.Value switch
    {
        "/livez" or "/readyz" when !HttpAnswers.IsRead(context.Request) => HttpAnswers.NotAllowedAsync(context),
        "/livez" => AnswerAsync(context, "livez", checks.Live),
        "/readyz" => AnswerAsync(context, "readyz", checks.Ready),
        _ => HttpAnswers.NotFoundAsync(context),
    };

    private static Task AnswerAsync(HttpContext context, string name, IReadOnlyList<IHealthCheck> checks)
    {
        var results = checks.Select(c => (c.Name, Problem: c.Check())).ToList();
        var healthy = results.TrueForAll(r => r.Problem is null);
        var status = healthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.CacheControl = "no-store";
        if (healthy && !context.Request.Query.ContainsKey("verbose"))
        {
            return HttpAnswers.TextAsync(context, status, "ok");
        }

        var text = new StringBuilder();
        foreach (var (check, problem) in results)
        {
            text.Append(problem is null ? $"[+]{check} ok\n" : $"[-]{check} failed: {problem}\n");
        }

        text.Append(healthy ? $"{name} check passed\n" : $"{name} check failed\n");
        return HttpAnswers.TextAsync(context, status, text.ToString());
    }
}

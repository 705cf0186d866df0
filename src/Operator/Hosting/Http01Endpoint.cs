using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace CertOperator.Operator.Hosting;

/// <summary>RFC 8555 section 8.3: the key authorization of a token, and 404 for everything else.</summary>
internal sealed partial class Http01Endpoint(IHttp01Responder responder)
{
    private const string Path = "/.well-known/acme-challenge/";

    public async Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        var token = path.StartsWith(Path, StringComparison.Ordinal) ? path[Path.Length..] : "";
        if (!HttpAnswers.IsRead(context.Request) || !TokenSyntax().IsMatch(token))
        {
            await HttpAnswers.NotFoundAsync(context);
            return;
        }

        if (await responder.FindAsync(token, context.RequestAborted) is { } keyAuthorization)
        {
            context.Response.Headers.CacheControl = "no-store";
            await HttpAnswers.TextAsync(context, StatusCodes.Status200OK, keyAuthorization, "text/plain");
            return;
        }

        await HttpAnswers.NotFoundAsync(context);
    }

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,256}\z")]
    private static partial Regex TokenSyntax();
}

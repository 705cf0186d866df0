using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CertOperator.Benchmarks.Bare;

/// <summary>A web server that answers http-01 challenges.</summary>
public sealed class ChallengeAnswers : IAsyncDisposable
{
    private const string Path = "/.well-known/acme-challenge/";
    private readonly ConcurrentDictionary<string, string> _answers = new(StringComparer.Ordinal);
    private readonly WebApplication _app;

    private ChallengeAnswers(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, port));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public static async Task<ChallengeAnswers> StartAsync(int port, CancellationToken cancellationToken)
    {
        var answers = new ChallengeAnswers(port);
        await answers._app.StartAsync(cancellationToken);
        return answers;
    }

    public void Add(string token, string keyAuthorization) => _answers[token] = keyAuthorization;

    public void Remove(string token) => _answers.TryRemove(token, out _);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        if (path.StartsWith(Path, StringComparison.Ordinal) && _answers.TryGetValue(path[Path.Length..], out var answer))
        {
            await context.Response.WriteAsync(answer);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }
}

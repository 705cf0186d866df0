using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CertOperator.Acme.Tests.Component;

/// <summary>A web server on Pebble's http-01 port that answers the challenges it was given.</summary>
internal sealed class Http01Answers : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, string> _answers = new(StringComparer.Ordinal);
    private readonly WebApplication _app;

    private Http01Answers(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, port));
        _app = builder.Build();
        _app.MapGet("/.well-known/acme-challenge/{token}", (string token) =>
            _answers.TryGetValue(token, out var answer) ? Results.Text(answer) : Results.NotFound());
    }

    public string this[string token]
    {
        set => _answers[token] = value;
    }

    public static async Task<Http01Answers> StartAsync(int port)
    {
        var answers = new Http01Answers(port);
        await answers._app.StartAsync();
        return answers;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

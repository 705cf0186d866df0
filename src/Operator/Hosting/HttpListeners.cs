using CertOperator.Operator.Options;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Hosting;

/// <summary>The operator's three ports: http-01 challenges, metrics and health, each with its own address and nothing else on it.</summary>
public sealed partial class HttpListeners : IAsyncDisposable
{
    private readonly ILogger _logger;

    public HttpListeners(
        OperatorOptions options,
        IHttp01Responder responder,
        ServedMetrics metrics,
        HealthChecks health,
        ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(metrics);
        _logger = loggers.CreateLogger<HttpListeners>();
        Http01 = new ListeningPort(
            new PortSettings("http-01", "--http01-listen", options.Http01Listen, 1000), new Http01Endpoint(responder).HandleAsync, loggers);
        Metrics = new ListeningPort(
            new PortSettings("metrics", "--metrics-listen", options.MetricsListen, 100) { Certificate = metrics.Certificate },
            new MetricsEndpoint(metrics).HandleAsync,
            loggers);
        Health = new ListeningPort(
            new PortSettings("health", "--health-listen", options.HealthListen, 100), new HealthEndpoint(health).HandleAsync, loggers);
    }

    public ListeningPort Http01 { get; }

    public ListeningPort Metrics { get; }

    public ListeningPort Health { get; }

    private ListeningPort[] All => [Health, Metrics, Http01];

    /// <summary>Opens all ports and logs where they are.</summary>
    /// <exception cref="ListenException">One of them could not be opened; those before it are closed again.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        var started = new List<ListeningPort>();
        try
        {
            foreach (var listener in All)
            {
                await listener.StartAsync(ct);
                started.Add(listener);
                LogListening(_logger, listener.Name, listener.EndPoint);
            }
        }
        catch
        {
            await Task.WhenAll(started.Select(l => l.StopAsync(CancellationToken.None)));
            throw;
        }
    }

    /// <summary>Closes all ports; requests in progress may end until the token is cancelled.</summary>
    public Task StopAsync(CancellationToken ct) => Task.WhenAll(All.Select(l => l.StopAsync(ct)));

    public async ValueTask DisposeAsync()
    {
        foreach (var listener in All)
        {
            await listener.DisposeAsync();
        }
    }
}

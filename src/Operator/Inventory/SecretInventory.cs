using System.Collections.Concurrent;
using CertOperator.Kubernetes;
using CertOperator.Operator.Telemetry;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Inventory;

/// <summary>
/// Looks over the Secrets that no policy manages from time to time, and remembers when their certificates end. Work of the leader; a
/// replica that does not lead remembers nothing, so that nothing is told twice.
/// </summary>
/// <param name="survey">What lists and reads.</param>
/// <param name="namespaces">Those that the operator works in; empty for all.</param>
/// <param name="interval">Between two looks.</param>
/// <param name="time">The clock.</param>
/// <param name="random">Spreads the looks.</param>
/// <param name="logger">Is told what people have to mend.</param>
public sealed partial class SecretInventory(SecretSurvey survey, IReadOnlyList<string> namespaces, TimeSpan interval, TimeProvider time, Random random, ILogger<SecretInventory> logger)
{
    /// <summary>Certificates that are told of; each is some series in Prometheus.</summary>
    public const int Most = 10_000;

    /// <summary>Between two Secrets: ten thousand new ones take some minutes, and the API server has other things to do.</summary>
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(20);

    /// <summary>After a look that could not see everything.</summary>
    private static readonly TimeSpan AgainAfter = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<NamespacedName, UnmanagedCertificate> _known = new();
    private volatile LastLook _last = new(0, 0, null);
    private long _errors;
    private string? _said;

    /// <summary>What is known now; for any thread.</summary>
    public InventoryReport Report()
        => new()
        {
            Certificates = [.. _known.Values.Where(c => !survey.HasPolicy(c))],
            Managed = _last.Managed,
            LeftOut = _last.LeftOut,
            LastSuccess = _last.At,
            Errors = Interlocked.Read(ref _errors),
        };

    /// <summary>Looks again and again until the term is over.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var complete = await LookAsync(cancellationToken);
                await Task.Delay(complete || interval < AgainAfter ? Spread(interval) : AgainAfter, time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The term is over: from now on another replica tells.
        }
        finally
        {
            _known.Clear();
            _last = _last with { Managed = 0, LeftOut = 0 };
        }
    }

    /// <returns>Whether all of it could be seen.</returns>
    private async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        var (managed, leftOut, complete) = (0, 0, true);
        foreach (var @namespace in namespaces.DefaultIfEmpty(""))
        {
            try
            {
                var elsewhere = _known.Keys.Count(k => !IsIn(k, @namespace));
                var listing = await survey.ListAsync(@namespace, Most - elsewhere, cancellationToken);
                (managed, leftOut) = (managed + listing.Managed, leftOut + listing.LeftOut);
                await TakeAsync(@namespace, listing.Unmanaged, cancellationToken);
            }
            catch (KubernetesException e)
            {
                // What is known of that namespace stays: a certificate does not last longer because it cannot be seen.
                complete = false;
                Interlocked.Increment(ref _errors);
                Complain(e);
            }
        }

        if (complete)
        {
            _said = null;
            if (leftOut > 0 && _last.LeftOut == 0)
            {
                LogLeftOut(leftOut, Most);
            }

            _last = new LastLook(managed, leftOut, time.GetUtcNow());
        }

        return complete;
    }

    private async Task TakeAsync(string @namespace, IReadOnlyDictionary<NamespacedName, UnmanagedSecret> listed, CancellationToken cancellationToken)
    {
        foreach (var gone in _known.Keys.Where(k => IsIn(k, @namespace) && !listed.ContainsKey(k)))
        {
            _known.TryRemove(gone, out _);
        }

        foreach (var secret in listed.Values)
        {
            if (_known.TryGetValue(secret.Name, out var known) && known.Secret.Version == secret.Version)
            {
                continue;
            }

            if (await survey.ReadAsync(secret, cancellationToken) is { } read)
            {
                _known[secret.Name] = read;
            }
            else
            {
                _known.TryRemove(secret.Name, out _);
            }

            await Task.Delay(Gap, time, cancellationToken);
        }
    }

    private static bool IsIn(NamespacedName secret, string @namespace) => @namespace.Length == 0 || secret.Namespace == @namespace;

    /// <summary>A tenth more or less, so that it does not fall together with what else happens every ten minutes.</summary>
    private TimeSpan Spread(TimeSpan wait)
    {
        lock (random)
        {
            return wait * (0.9 + (0.2 * random.NextDouble()));
        }
    }

    /// <summary>Once, not with every look.</summary>
    private void Complain(KubernetesException e)
    {
        if (_said == e.Message)
        {
            return;
        }

        _said = e.Message;
        if (e is ForbiddenException)
        {
            LogForbidden(e.Message);
        }
        else
        {
            LogFailed(e.Message);
        }
    }

    /// <summary>What the last look that saw everything has found.</summary>
    private sealed record LastLook(int Managed, int LeftOut, DateTimeOffset? At);

    [LoggerMessage(1, LogLevel.Warning, "Certificates that no policy manages are not looked for: {Message} Grant the operator list on secrets there, as the chart does with inventory.enabled, or leave --inventory out.")]
    private partial void LogForbidden(string message);

    [LoggerMessage(2, LogLevel.Warning, "Not every Secret could be looked at; what is known stays, and it is tried again: {Message}")]
    private partial void LogFailed(string message);

    [LoggerMessage(3, LogLevel.Warning, "{LeftOut} Secrets that no policy manages are not looked at, since there are more than {Most}. They are the last ones by namespace and name. Run an operator for some of the namespaces only, or delete Secrets that nobody needs.")]
    private partial void LogLeftOut(int leftOut, int most);
}

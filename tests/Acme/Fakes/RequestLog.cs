using System.Collections.Concurrent;

namespace CertOperator.Acme.Tests.Fakes;

/// <summary>Remembers every request that a client reported.</summary>
public sealed class RequestLog : IAcmeRequestObserver
{
    private readonly ConcurrentQueue<Entry> _entries = new();

    public IReadOnlyList<Entry> Entries => [.. _entries];

    public void RequestCompleted(string host, string action, int status, TimeSpan elapsed) => _entries.Enqueue(new Entry(host, action, status, elapsed));

    public int Count(string action) => _entries.Count(e => e.Action == action);

    public void Clear() => _entries.Clear();

    public sealed record Entry(string Host, string Action, int Status, TimeSpan Elapsed);
}

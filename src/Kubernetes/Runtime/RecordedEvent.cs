namespace CertOperator.Kubernetes;

/// <summary>An Event that is in the API server, and its repetitions since.</summary>
internal sealed class RecordedEvent(EventKey key, NamespacedName name, DateTimeOffset at)
{
    public EventKey Key => key;

    public NamespacedName Name { get; set; } = name;

    public int Count { get; private set; } = 1;

    public DateTimeOffset First { get; } = at;

    public DateTimeOffset Last { get; private set; } = at;

    public DateTimeOffset LastWritten { get; private set; } = at;

    /// <summary>Repetitions are not written yet.</summary>
    public bool IsDirty { get; private set; }

    public void Repeat(DateTimeOffset when)
    {
        Count++;
        Last = when > Last ? when : Last;
        IsDirty = true;
    }

    public void Written(DateTimeOffset when)
    {
        LastWritten = when;
        IsDirty = false;
    }
}

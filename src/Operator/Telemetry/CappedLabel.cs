using System.Collections.Concurrent;

namespace CertOperator.Operator.Telemetry;

/// <summary>Lets the first values of a label through and calls all later ones <c>other</c>: tenants name ACME hosts.</summary>
internal sealed class CappedLabel(int most)
{
    private const string Other = "other";
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, bool> _seen = new(StringComparer.Ordinal);

    public string Of(string value)
    {
        if (_seen.ContainsKey(value))
        {
            return value;
        }

        lock (_lock)
        {
            return _seen.Count < most && _seen.TryAdd(value, true) || _seen.ContainsKey(value) ? value : Other;
        }
    }
}

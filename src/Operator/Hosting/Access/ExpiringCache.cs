using System.Diagnostics.CodeAnalysis;

namespace CertOperator.Operator.Hosting.Access;

/// <summary>Answers that hold for a while. When it is full, the one that ends first makes room.</summary>
internal sealed class ExpiringCache<T>(int capacity, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (T Value, DateTimeOffset Until)> _entries = new(StringComparer.Ordinal);

    public bool TryGet(string key, [MaybeNullWhen(false)] out T value)
    {
        lock (_lock)
        {
            var found = _entries.TryGetValue(key, out var entry) && entry.Until > time.GetUtcNow();
            value = found ? entry.Value : default;
            return found;
        }
    }

    public void Remove(string key)
    {
        lock (_lock)
        {
            _entries.Remove(key);
        }
    }

    public void Set(string key, T value, TimeSpan lifetime)
    {
        lock (_lock)
        {
            if (_entries.Count >= capacity && !_entries.ContainsKey(key))
            {
                _entries.Remove(_entries.MinBy(e => e.Value.Until).Key);
            }

            _entries[key] = (value, time.GetUtcNow() + lifetime);
        }
    }
}

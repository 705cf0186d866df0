using System.Diagnostics.CodeAnalysis;

namespace CertOperator.Operator;

/// <summary>Gives equal strings one place in memory. Bounded: when it is full it forgets all, which costs memory and nothing else.</summary>
public sealed class SharedStrings
{
    private const int MaxCharacters = 1024 * 1024;
    private readonly Lock _lock = new();
    private readonly HashSet<string> _strings = new(StringComparer.Ordinal);
    private int _characters;

    [return: NotNullIfNotNull(nameof(text))]
    public string? Share(string? text)
    {
        if (text is null)
        {
            return null;
        }

        lock (_lock)
        {
            if (_strings.TryGetValue(text, out var shared))
            {
                return shared;
            }

            if (_characters + text.Length > MaxCharacters)
            {
                _strings.Clear();
                _characters = 0;
            }

            _strings.Add(text);
            _characters += text.Length;
            return text;
        }
    }
}

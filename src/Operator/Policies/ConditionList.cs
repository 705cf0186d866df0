using CertOperator.Kubernetes;

namespace CertOperator.Operator.Policies;

/// <summary>Conditions under change: the transition time moves only when the status does.</summary>
public sealed class ConditionList(IReadOnlyList<Condition>? before, long? generation, DateTimeOffset now)
{
    /// <summary>The API server takes 32,768 characters, and refuses the whole status for one more.</summary>
    private const int MaxMessageLength = 32_000;

    private readonly List<Condition> _conditions = [.. before ?? []];

    public void Set(string type, bool status, string reason, string message)
    {
        var text = status ? "True" : "False";
        var index = _conditions.FindIndex(c => c.Type == type);
        var old = index < 0 ? null : _conditions[index];
        var condition = new Condition
        {
            Type = type,
            Status = text,
            Reason = reason,
            Message = Bounded(message),
            ObservedGeneration = generation,
            LastTransitionTime = old?.Status == text ? old.LastTransitionTime : now,
        };
        if (index < 0)
        {
            _conditions.Add(condition);
        }
        else
        {
            _conditions[index] = condition;
        }
    }

    /// <summary>A message that the API server takes.</summary>
    public static string Bounded(string message) => message.Length <= MaxMessageLength ? message : string.Concat(message.AsSpan(0, MaxMessageLength), "…");

    public void Remove(string type) => _conditions.RemoveAll(c => c.Type == type);

    public IReadOnlyList<Condition> ToList() => [.. _conditions];
}

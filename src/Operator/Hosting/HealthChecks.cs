namespace CertOperator.Operator.Hosting;

/// <summary>One thing that must be in order.</summary>
public interface IHealthCheck
{
    /// <summary>One lower-case word.</summary>
    string Name { get; }

    /// <summary>Null when all is well, otherwise a short reason without secrets. Answers from memory, at once.</summary>
    string? Check();
}

/// <summary>A check made of a function.</summary>
public sealed class HealthCheck(string name, Func<string?> check) : IHealthCheck
{
    public string Name { get; } = name;

    public string? Check() => check();
}

/// <summary>What /livez and /readyz ask.</summary>
/// <param name="Live">A failure means that only a restart helps.</param>
/// <param name="Ready">A failure means: send no traffic yet.</param>
public sealed record HealthChecks(IReadOnlyList<IHealthCheck> Live, IReadOnlyList<IHealthCheck> Ready);

using CertOperator.Crds.Runs;

namespace CertOperator.Operator.Runs;

/// <summary>The bounded log in a run's status: the newest lines, each cut to a bearable length.</summary>
public static class RunLog
{
    public const int MaxLines = 50;
    public const int MaxLength = 1000;

    public static RunStatus Append(RunStatus status, string message, DateTimeOffset now)
    {
        var line = new RunLogLine { Time = now, Message = message.Length <= MaxLength ? message : string.Concat(message.AsSpan(0, MaxLength - 1), "…") };
        var before = status.Log ?? [];
        return status with { Log = [.. before.Skip(Math.Max(0, before.Count + 1 - MaxLines)), line] };
    }
}

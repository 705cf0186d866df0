using System.Text;

namespace CertOperator.TestSupport;

/// <summary>The lines that a program has written so far; the oldest go when it writes more than is kept.</summary>
internal sealed class ToolOutput
{
    private const int MaxLines = 20_000;
    private readonly Lock _lock = new();
    private readonly Queue<string> _lines = new();
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>Completed when the next line arrives.</summary>
    public Task Changed
    {
        get
        {
            lock (_lock)
            {
                return _changed.Task;
            }
        }
    }

    public void Add(string line)
    {
        TaskCompletionSource signal;
        lock (_lock)
        {
            _lines.Enqueue(line);
            if (_lines.Count > MaxLines)
            {
                _lines.Dequeue();
            }

            signal = _changed;
            _changed = NewSignal();
        }

        signal.TrySetResult();
    }

    public IReadOnlyList<string> Snapshot()
    {
        lock (_lock)
        {
            return [.. _lines];
        }
    }

    public string Text()
    {
        var text = new StringBuilder();
        foreach (string line in Snapshot())
        {
            text.Append(line).Append('\n');
        }

        return text.ToString();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

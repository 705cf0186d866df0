using System.Diagnostics.CodeAnalysis;

namespace CertOperator.Kubernetes;

/// <summary>
/// How a reconcile ended that did not fail: <see cref="Done"/> or <see cref="RequeueAfter"/>. The third outcome, an
/// exception, leads to the key's backoff.
/// </summary>
[SuppressMessage("Design", "CA1034", Justification = "The cases of a closed set belong inside it.")]
public abstract record ReconcileResult
{
    private ReconcileResult()
    {
    }

    /// <summary>Nothing to do until the object, or one that it depends on, changes.</summary>
    public sealed record Done : ReconcileResult
    {
        private Done()
        {
        }

        public static Done Instance { get; } = new();
    }

    /// <summary>As planned, the key is to be worked on again after the delay, or earlier if something changes.</summary>
    /// <param name="Delay">Zero or less: at once.</param>
    public sealed record RequeueAfter(TimeSpan Delay) : ReconcileResult;
}

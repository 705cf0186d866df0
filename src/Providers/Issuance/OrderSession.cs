using CertOperator.Crds.Runs;

namespace CertOperator.Providers.Issuance;

/// <summary>
/// What this process knows of an order without asking again. Lost with the process, and then asked for: nothing here needs to survive.
/// </summary>
public sealed class OrderSession(RunOrder order)
{
    public RunOrder Order { get; } = order;

    /// <summary>True where this process placed the order a moment ago, so that its challenges are known to be untouched.</summary>
    public bool Untouched { get; set; }

    /// <summary>True while it is not known whether an order that a run was resumed with is still good.</summary>
    public bool MayBeGivenUp { get; set; } = order.Resumed ?? false;

    /// <summary>True where an earlier process placed the order, so that challenges may have gone unanswered in between.</summary>
    public bool Interrupted { get; set; }

    /// <summary>True once the order was seen ready, so that it need not be asked before it is finalized.</summary>
    public bool Ready { get; set; }

    /// <summary>What the provider calls the work that is waited for; null where none is under way, or an earlier process has started it.</summary>
    public string? Operation { get; set; }

    /// <summary>Polls since the last change; the wait grows with it.</summary>
    public int Polls { get; set; }
}

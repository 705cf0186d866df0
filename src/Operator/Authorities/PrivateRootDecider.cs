using CertOperator.Operator.Policies.Issuers;

namespace CertOperator.Operator.Authorities;

/// <summary>What to do next about a CA that looks after itself. Pure. A key is stored before its certificate is trusted, and trusted before it signs.</summary>
public static class PrivateRootDecider
{
    /// <summary>What others have done to the bundle is mended after this time.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    /// <summary>From so many on, a successor is made only when half of the overlap is over.</summary>
    private const int ManyPrevious = 4;

    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);

    /// <param name="state">What the Secret says; null where there is none.</param>
    /// <param name="root">How the CA is looked after.</param>
    /// <param name="bundle">What the ConfigMap holds; null where it does not exist, or holds none.</param>
    /// <param name="now">The time.</param>
    public static PrivateRootAction Decide(PrivateRootState? state, PrivateRoot root, string? bundle, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(root);
        if (state is null)
        {
            return new PrivateRootAction.Make();
        }

        if (bundle != state.Bundle)
        {
            // Nobody can say how long it was away, so its time begins again; noted first, or a process that ends here would forget it.
            return state is { TrustedSince: not null, NextPem: { } next } && bundle?.Contains(next, StringComparison.Ordinal) != true
                ? new PrivateRootAction.NoteDistrust()
                : new PrivateRootAction.Publish(state.Bundle);
        }

        if (state.Previous.Any(p => p.NotAfter <= now))
        {
            return new PrivateRootAction.Retire();
        }

        if (state.Next is null)
        {
            var due = DueAt(state, root);
            return due <= now ? new PrivateRootAction.Prepare() : Wait(due - now);
        }

        if (state.TrustedSince is not { } since)
        {
            return new PrivateRootAction.NoteTrust();
        }

        // Of a CA that has ended no certificate is good, so there is nothing to wait for.
        var turn = state.Active.NotAfter < since + root.TrustDelay ? state.Active.NotAfter : since + root.TrustDelay;
        return turn > now ? Wait(turn - now) : new PrivateRootAction.Activate();
    }

    /// <summary>Later than configured while many are trusted: each of them stays until it ends, and the Secret must not grow without end.</summary>
    private static DateTimeOffset DueAt(PrivateRootState state, PrivateRoot root)
    {
        var due = state.Active.NotBefore + root.RenewAfter;
        var late = state.Active.NotAfter - ((root.Lifetime - root.RenewAfter) / 2);
        return state.Previous.Count < ManyPrevious || late < due ? due : late;
    }

    private static PrivateRootAction.Wait Wait(TimeSpan wait) => new(wait < ShortestWait ? ShortestWait : wait > LongestWait ? LongestWait : wait);
}

/// <summary>What to do about a CA: a closed set. Each is one write.</summary>
public abstract record PrivateRootAction
{
    private PrivateRootAction()
    {
    }

    /// <summary>Make the CA and its Secret.</summary>
    public sealed record Make : PrivateRootAction;

    /// <summary>Write the trust bundle.</summary>
    public sealed record Publish(string Bundle) : PrivateRootAction;

    /// <summary>Make the CA to come, and store it.</summary>
    public sealed record Prepare : PrivateRootAction;

    /// <summary>Note since when the bundle holds the CA to come.</summary>
    public sealed record NoteTrust : PrivateRootAction;

    /// <summary>Forget since when: the bundle has lost the CA to come.</summary>
    public sealed record NoteDistrust : PrivateRootAction;

    /// <summary>Have the CA to come sign.</summary>
    public sealed record Activate : PrivateRootAction;

    /// <summary>Take away what has ended.</summary>
    public sealed record Retire : PrivateRootAction;

    /// <summary>Nothing for a while.</summary>
    public sealed record Wait(TimeSpan For) : PrivateRootAction;
}

namespace CertOperator.Providers.Vault;

/// <summary>A token and how long it lives.</summary>
/// <param name="Value">Secret.</param>
/// <param name="Start">When it was handed out or renewed.</param>
/// <param name="Lifetime">From then on; null for one that does not end, or of which that is not known.</param>
/// <param name="Renewable">Whether it can be renewed.</param>
internal sealed record VaultToken(string Value, DateTimeOffset Start, TimeSpan? Lifetime, bool Renewable)
{
    /// <summary>Enough is left then to try a few times.</summary>
    public DateTimeOffset RenewAt => Lifetime is { } lifetime ? Start + (lifetime * 2 / 3) : DateTimeOffset.MaxValue;

    public static TimeSpan? LifetimeOf(long seconds) => seconds > 0 ? TimeSpan.FromSeconds(Math.Min(seconds, 10 * 365 * 86_400L)) : null;

    public override string ToString() => nameof(VaultToken);
}

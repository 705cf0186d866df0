namespace CertOperator.TestSupport;

/// <summary>How a Pebble of one's own behaves. The defaults make it as predictable as it can be.</summary>
public sealed record PebbleOptions
{
    /// <summary>The port where http-01 challenges are asked for, on 127.0.0.1. <value>A free port.</value></summary>
    public int? HttpPort { get; init; }

    /// <summary>Key ids with their MAC keys in base64url. When there are any, an account needs an external account binding.</summary>
    public IReadOnlyDictionary<string, string> ExternalAccounts { get; init; } = new Dictionary<string, string>();

    /// <summary>Lifetime of issued certificates. <value>90 days.</value></summary>
    public TimeSpan? Validity { get; init; }

    /// <summary>The share of good nonces that are refused, 0 to 100.</summary>
    public int NonceRejectPercent { get; init; }

    /// <summary>How many alternate chains are offered.</summary>
    public int AlternateRoots { get; init; }

    /// <summary>How many intermediates a chain has. <value>1.</value></summary>
    public int ChainLength { get; init; } = 1;

    /// <summary>The share of valid authorizations that a new order takes over, 0 to 100.</summary>
    public int AuthorizationReusePercent { get; init; }

    /// <summary>The page size of an account's list of orders. <value>Pebble's own.</value></summary>
    public int? OrdersPerPage { get; init; }

    /// <summary>Pebble's stricter mode.</summary>
    public bool Strict { get; init; }

    /// <summary>Another DNS server, <c>host:port</c>, instead of <see cref="Pebble.Dns"/>.</summary>
    public string? DnsServer { get; init; }

    internal IEnumerable<string> ToArguments()
    {
        List<(string Name, object? Value)> options =
        [
            ("--http-port", HttpPort),
            ("--validity", Validity is { } validity ? (long)validity.TotalSeconds : null),
            ("--nonce-reject", NonceRejectPercent),
            ("--alternate-roots", AlternateRoots),
            ("--chain-length", ChainLength),
            ("--authz-reuse", AuthorizationReusePercent),
            ("--orders-per-page", OrdersPerPage),
            ("--dns", DnsServer),
            .. ExternalAccounts.Select(account => ("--eab", (object?)$"{account.Key}={account.Value}")),
        ];
        foreach ((string name, object? value) in options)
        {
            if (value is not null)
            {
                yield return name;
                yield return FormattableString.Invariant($"{value}");
            }
        }

        if (Strict)
        {
            yield return "--strict";
        }
    }
}

namespace CertOperator.TestSupport;

/// <summary>What a BIND of one's own serves.</summary>
public sealed record BindOptions
{
    /// <summary>Whether it follows a CNAME from one of its zones into another, as a CA's resolver does. It asks nobody else all the same.</summary>
    public bool FollowAliases { get; init; }

    /// <summary>TSIG keys that may be used: name, algorithm, secret in base64.</summary>
    public IReadOnlyList<BindKey> Keys { get; init; } = [];

    public IReadOnlyList<BindZone> Zones { get; init; } = [];
}

/// <summary>A TSIG key.</summary>
public sealed record BindKey(string Name, string Algorithm, string Secret);

/// <summary>A zone with the name server ns1 at 127.0.0.1.</summary>
public sealed record BindZone(string Name)
{
    /// <summary>Name of the key that may update it; null for a zone that refuses updates.</summary>
    public string? UpdatedBy { get; init; }

    /// <summary>Further lines of the zone file.</summary>
    public IReadOnlyList<string> Records { get; init; } = [];

    /// <summary>For a secondary: port of the primary, on 127.0.0.1, which is not told to notify.</summary>
    public int? PrimaryPort { get; init; }
}

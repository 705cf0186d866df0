namespace CertOperator.Acme;

/// <summary>What the CA says about itself (RFC 8555 section 9.7.6).</summary>
public sealed record AcmeDirectoryMeta
{
    public string? TermsOfService { get; init; }

    public string? Website { get; init; }

    /// <summary>Host names that the CA recognizes as itself in CAA records.</summary>
    public IReadOnlyList<string> CaaIdentities { get; init; } = [];

    public bool ExternalAccountRequired { get; init; }

    /// <summary>Profile name to its description (draft-ietf-acme-profiles); empty when the CA has no profiles.</summary>
    public IReadOnlyDictionary<string, string> Profiles { get; init; } = new Dictionary<string, string>();
}

namespace CertOperator.Providers.Issuance;

/// <summary>What a CA says of itself.</summary>
/// <param name="CaaIdentities">The names that it goes by in CAA records.</param>
/// <param name="ExternalAccountRequired">Whether it registers only accounts that it gave a key to before.</param>
/// <param name="Profiles">Certificate profiles that it offers.</param>
public sealed record AuthorityDescription(IReadOnlyList<string> CaaIdentities, bool ExternalAccountRequired, IReadOnlyCollection<string> Profiles);

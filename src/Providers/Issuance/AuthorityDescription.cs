namespace CertOperator.Providers.Issuance;

/// <summary>What a CA says of itself.</summary>
/// <param name="CaaIdentities">The names that it goes by in CAA records.</param>
/// <param name="ExternalAccountRequired">Whether it registers only accounts that it gave a key to before.</param>
/// <param name="Profiles">Certificate profiles that it offers.</param>
public sealed record AuthorityDescription(IReadOnlyList<string> CaaIdentities, bool ExternalAccountRequired, IReadOnlyCollection<string> Profiles)
{
    /// <param name="server">The CA.</param>
    /// <param name="profile">What is wanted; null where nothing is.</param>
    /// <param name="field">Where the policy says how the CA is asked.</param>
    /// <returns>A sentence on a profile that is wanted and not offered; null where it is offered or none is wanted.</returns>
    public string? FindProfileProblem(Uri server, string? profile, string field)
        => profile is null || Profiles.Contains(profile) ? null
            : $"{server.Host} has no profile {profile}; {(Profiles.Count == 0 ? "it offers none" : $"it offers {string.Join(", ", Profiles.Order(StringComparer.Ordinal))}")}. Change {field}.profile.";
}

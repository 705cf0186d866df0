namespace CertOperator.Providers.Challenges;

/// <summary>
/// Proof of control by a CNAME record that the provider names, in place of a challenge of ACME. It stays: the provider renews by it.
/// In <see cref="Crds.Runs.RunChallenge"/> the token is the name of the record, and the key authorization what it points to.
/// </summary>
public static class ProvidersRecords
{
    /// <summary>Type of such a challenge by AWS Certificate Manager.</summary>
    public const string AcmDns = "acm-dns";

    /// <summary>Type of such a challenge by Google Certificate Manager.</summary>
    public const string GcpDns = "gcp-dns";

    public static bool Is(string challengeType) => challengeType is AcmDns or GcpDns;

    /// <summary>Kind of the answer to it.</summary>
    public const string Cname = "CNAME";
}

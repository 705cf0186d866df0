using CertOperator.TestSupport.Certificates;

namespace CertOperator.TestSupport.Aws;

/// <summary>A certificate in ACM.</summary>
public sealed class FakeAcmCertificate
{
    internal FakeAcmCertificate(string type, IReadOnlyList<string> names, DateTimeOffset createdAt)
    {
        Type = type;
        Names = names;
        CreatedAt = createdAt;
    }

    public string Arn { get; } = $"arn:aws:acm:{FakeAws.Region}:{FakeAws.Account}:certificate/{Guid.NewGuid()}";

    /// <summary>AMAZON_ISSUED or IMPORTED.</summary>
    public string Type { get; }

    public IReadOnlyList<string> Names { get; }

    public DateTimeOffset CreatedAt { get; }

    public string KeyAlgorithm { get; set; } = "EC_prime256v1";

    public bool Exportable { get; set; }

    /// <summary>PENDING_VALIDATION, ISSUED, FAILED ...</summary>
    public string Status { get; set; } = "PENDING_VALIDATION";

    public string? FailureReason { get; set; }

    /// <summary>Whether a service uses it, or it was exported: only then ACM renews it.</summary>
    public bool IsEligible { get; set; }

    public string? RenewalStatus { get; set; }

    public IDictionary<string, string> Tags { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The pair that is in it; null until it is issued.</summary>
    public IssuedLeaf? Leaf { get; internal set; }

    /// <summary>As it was imported.</summary>
    public string? ImportedPem { get; internal set; }

    /// <summary>As it was imported.</summary>
    public string? ImportedChainPem { get; internal set; }

    /// <summary>As it was imported.</summary>
    public string? ImportedKeyPem { get; internal set; }

    /// <summary>How often it was imported.</summary>
    public int Imports { get; internal set; }

    internal int Described { get; set; }

    internal int DescribedSinceRenewal { get; set; }

    /// <summary>The record that proves control of a name; a wildcard has that of the name above it.</summary>
    public static (string Name, string Value) RecordFor(string name)
    {
        string bare = name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name;
        string hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(bare)))[..32];
        return ($"_{hash}.{bare}.", $"_{hash}.jkddzztszm.acm-validations.aws.");
    }
}

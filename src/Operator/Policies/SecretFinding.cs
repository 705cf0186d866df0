using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;

namespace CertOperator.Operator.Policies;

/// <summary>What stands in the Secret that a policy writes: a closed set.</summary>
public abstract record SecretFinding
{
    private SecretFinding()
    {
    }

    /// <summary>Keys with forms of a pair that somebody else has put there and nobody keeps current once this policy writes the Secret.</summary>
    public IReadOnlyList<string> Leftovers { get; init; } = [];

    /// <summary>There is no Secret.</summary>
    public sealed record Absent : SecretFinding;

    /// <summary>The Secret must not be written: it has another type or another owner.</summary>
    public sealed record Untouchable(string Reason, string Message) : SecretFinding;

    /// <summary>The Secret holds no usable key pair.</summary>
    public sealed record Defective(string Reason, string Message) : SecretFinding;

    /// <summary>The Secret holds a key pair.</summary>
    public sealed record Present(CertificateSummary Certificate) : SecretFinding
    {
        /// <summary>Server that issued the certificate, as this policy noted it on the Secret; null where somebody else wrote it.</summary>
        public required string? IssuedFrom { get; init; }

        /// <summary>This policy has written the certificate, whether or not the run that did is still there.</summary>
        public bool IsOwn { get; init; }

        /// <summary>A person provided the pair: names beyond those wanted, and another kind of key, are their choice.</summary>
        public bool TakenOver { get; init; }

        public required PrivateKeyAlgorithm KeyAlgorithm { get; init; }

        public required int KeySize { get; init; }

        /// <summary>What kept the key when the certificate was issued; null where the operator had made it.</summary>
        public string? KeyBackend { get; init; }

        /// <summary>Labels, annotations and outputs are as the policy wants them.</summary>
        public required bool UpToDate { get; init; }
    }
}

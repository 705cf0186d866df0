using CertOperator.Crds.Policies;
using CertOperator.Operator.Costs;

namespace CertOperator.Operator.Batches;

/// <summary>What becomes of one policy of a batch: a closed set.</summary>
public abstract record BatchVerdict
{
    private BatchVerdict()
    {
    }

    /// <summary>Its certificate is renewed.</summary>
    public sealed record Renew(CertificateProviderKind Provider, ProviderAnswer Answer) : BatchVerdict;

    /// <summary>Not before that time.</summary>
    public sealed record Later(DateTimeOffset Until, string Reason, string Message, ProviderAnswer? Answer) : BatchVerdict;

    /// <summary>Not by this batch.</summary>
    public sealed record Skip(string Reason, string Message, ProviderAnswer? Answer = null) : BatchVerdict;
}

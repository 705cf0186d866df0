using CertOperator.Crds.Policies;
using CertOperator.Providers.Pki;

namespace CertOperator.Operator.Secrets;

/// <summary>Which key of the Secret holds which further form of the key pair.</summary>
public static class SecretOutputNames
{
    public static IEnumerable<string> Of(IReadOnlyList<SecretOutput> outputs) => outputs.Select(o => Of(o.Type));

    public static string Of(SecretOutputKind kind)
        => kind switch
        {
            SecretOutputKind.CombinedPem => SecretOutputs.CombinedPemKey,
            SecretOutputKind.Der => SecretOutputs.DerKey,
            SecretOutputKind.Pkcs12 => SecretOutputs.Pkcs12Key,
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };
}

using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;
using CertOperator.Providers.Pki;

namespace CertOperator.Operator.Secrets;

/// <summary>Keys of a Secret that hold forms of a pair which somebody else has put there, and which the operator does not write: they stay as they are. Pure.</summary>
public static class SecretLeftovers
{
    /// <summary>What cert-manager and its like write beside tls.crt and tls.key, and the output that writes the same.</summary>
    private static readonly (string Key, SecretOutputKind? Output)[] Known =
    [
        (SecretOutputs.CombinedPemKey, SecretOutputKind.CombinedPem),
        (SecretOutputs.DerKey, SecretOutputKind.Der),
        (SecretOutputs.Pkcs12Key, SecretOutputKind.Pkcs12),
        ("keystore.jks", null),
        ("truststore.jks", null),
        ("truststore.p12", null),
        ("ca.crt", null),
    ];

    /// <summary>None where a policy has written the Secret: then it was said, or the keys are the operator's own.</summary>
    public static IReadOnlyList<string> In(Secret secret, IReadOnlyList<SecretOutput> outputs)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return secret.Metadata.Annotations?.ContainsKey(WellKnown.SecretPolicy) == true
            ? []
            : [.. Known.Select(k => k.Key).Where(k => secret.Data?.ContainsKey(k) == true).Except(SecretOutputNames.Of(outputs))];
    }

    /// <summary>What that means and what to do, in sentences.</summary>
    public static string Describe(string secret, IReadOnlyList<string> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var written = Known.Where(k => k.Output is not null && keys.Contains(k.Key)).Select(k => $"{k.Output} writes {k.Key}").ToList();
        return $"Nobody keeps current what else somebody has put into Secret {secret}: {string.Join(", ", keys)}. It holds the old certificate or what goes with it, and whoever reads it fails when that ends."
            + (written.Count > 0 ? $" Add to spec.outputs what is read ({string.Join(", ", written)})." : "")
            + $" What nothing reads any more, remove: kubectl patch secret {secret} --type json -p '[{{\"op\":\"remove\",\"path\":\"/data/{keys[0]}\"}}]'";
    }
}

using System.Net;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Rules;
using CertOperator.Crds.Settings;
using CertOperator.Providers.Aws;

namespace CertOperator.Operator.Policies.Issuers;

/// <summary>Which certificates of AWS Certificate Manager a policy uses: its own words first, then those of the namespace's settings. Pure.</summary>
public static class AwsAcmIssuerResolver
{
    public const string Field = "spec.providerConfig.awsAcm";

    public static ResolvedAwsAcm? Resolve(PolicySpec spec, CertificateRenewalSettings? settings, Action<string> invalid)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(invalid);
        var config = Merge(spec.ProviderConfig?.AwsAcm, settings?.Spec.Providers?.AwsAcm);
        var arn = AwsRules.ResolveCertificate(config.CertificateArn, config.RoleArn, Field, invalid);
        CheckNames(spec, invalid);
        var key = KeyOf(spec, invalid);
        return AwsRules.ResolveAccess(config, config.Region, Field, arn, invalid) is { } access
            ? new ResolvedAwsAcm
            {
                Provider = CertificateProviderKind.AwsAcm,
                Field = Field,
                Server = access.Endpoint ?? AwsRegions.Endpoint("acm", access.Region),
                Access = access,
                CertificateArn = config.CertificateArn,
                Exportable = config.Exportable ?? false,
                KeyAlgorithm = key,
            }
            : null;
    }

    /// <summary>ACM has control proven by CNAME records, which not every service has that solvers write to.</summary>
    public static void CheckSolvers(IReadOnlyList<CertificateProviderKind> candidates, IReadOnlyDictionary<string, SolverSpec> solvers, Action<string> invalid)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentNullException.ThrowIfNull(solvers);
        ArgumentNullException.ThrowIfNull(invalid);
        if (candidates.Contains(CertificateProviderKind.AwsAcm) && solvers.Values.FirstOrDefault(s => s.Dns01 is { Httpreq: not null } or { AcmeDns: not null }) is { } solver)
        {
            invalid($"spec.provider: aws_acm asks for CNAME records, and solver {solver.Name} writes TXT records only. Choose one with rfc2136, cloudflare, route53, googleCloudDns or azureDns for these names.");
        }
    }

    private static void CheckNames(PolicySpec spec, Action<string> invalid)
    {
        IReadOnlyList<string> names = [spec.Hostname, .. spec.AdditionalNames ?? []];
        if (names.FirstOrDefault(n => IPAddress.TryParse(n, out _)) is { } address)
        {
            invalid($"{(address == spec.Hostname ? "spec.hostname" : "spec.additionalNames")}: {address} is an IP address, which ACM issues nothing for. Use a DNS name, or another provider.");
        }

        // It becomes the common name (RFC 5280, appendix A.1: ub-common-name).
        if (HostnameRules.Normalise(spec.Hostname).Length > 64)
        {
            invalid("spec.hostname: ACM takes at most 64 characters for the first name. Make a shorter one the hostname, and list this one in spec.additionalNames.");
        }
    }

    private static string KeyOf(PolicySpec spec, Action<string> invalid)
    {
        switch (spec.Key?.Algorithm ?? PrivateKeyAlgorithm.Ecdsa, spec.Key?.Size)
        {
            case (PrivateKeyAlgorithm.Ecdsa, 384):
                return "EC_secp384r1";
            case (PrivateKeyAlgorithm.Ecdsa, _):
                return "EC_prime256v1";
            case (PrivateKeyAlgorithm.Rsa, null or 2048):
                return "RSA_2048";
            case var (_, size):
                invalid($"spec.key.size: ACM makes no RSA keys of {size} bits. Use 2048, or ECDSA.");
                return "";
        }
    }

    /// <summary>Credentials stay with their region: a policy that names another inherits nothing. A certificate is one policy's, so its ARN is not inherited.</summary>
    private static AwsAcmConfig Merge(AwsAcmConfig? own, AwsAcmConfig? inherited)
    {
        inherited = inherited is null ? null : inherited with { CertificateArn = null };
        if (own is null || inherited is null || (own.Region is not null && own.Region != inherited.Region) || (own.Endpoint is not null && own.Endpoint != inherited.Endpoint))
        {
            return own ?? inherited ?? new AwsAcmConfig();
        }

        return new AwsAcmConfig
        {
            Region = own.Region ?? (own.CertificateArn is null ? inherited.Region : null),
            Endpoint = own.Endpoint ?? inherited.Endpoint,
            StsEndpoint = own.StsEndpoint ?? inherited.StsEndpoint,
            CaBundle = own.CaBundle ?? inherited.CaBundle,
            CertificateArn = own.CertificateArn,
            Exportable = own.Exportable ?? inherited.Exportable,
            CredentialsSecretName = own.CredentialsSecretName ?? inherited.CredentialsSecretName,
            RoleArn = own.RoleArn ?? inherited.RoleArn,
        };
    }
}

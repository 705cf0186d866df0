using System.Text.RegularExpressions;
using CertOperator.Crds.Policies;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Providers.Aws;

namespace CertOperator.Operator.Policies;

/// <summary>What a policy may say of AWS, beyond its schema. Pure.</summary>
public static partial class AwsRules
{
    private const string KmsField = "spec.keyBackendConfig.awsKms";

    /// <summary>A key in KMS; null for what is wrong.</summary>
    public static ResolvedAwsKms? ResolveKms(PolicySpec spec, Action<string> invalid)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(invalid);
        if (spec.Key?.Rotation == KeyRotation.Always)
        {
            invalid("spec.key.rotation: AWS KMS rotates no signing key, and rotation is Always. Leave it out, name an alias in spec.keyBackendConfig.awsKms.keyId, and let the alias point to a new key when you want another: the next renewal takes that.");
        }

        if (spec.KeyBackendConfig?.AwsKms is not { } config)
        {
            invalid($"{KmsField} is missing. Name the key there, in keyId.");
            return null;
        }

        var arn = AwsArn.TryParse(config.KeyId);
        if (arn is null ? !KeyIdOrAlias().IsMatch(config.KeyId) : arn.Service != "kms" || !KeyResource().IsMatch(arn.Resource))
        {
            invalid($"{KmsField}.keyId: \"{SecretRules.Shorten(config.KeyId)}\" names no key in KMS. Write a key id, alias/NAME, or the ARN of either.");
            return null;
        }

        var access = ResolveAccess(config, config.Region, KmsField, arn, invalid);
        return access is null ? null : new ResolvedAwsKms { Field = KmsField, KeyId = config.KeyId, Access = access };
    }

    /// <summary>A certificate in ACM that is named; null where none is, or what is wrong.</summary>
    public static AwsArn? ResolveCertificate(string? certificateArn, string? roleArn, string field, Action<string> invalid)
    {
        ArgumentNullException.ThrowIfNull(invalid);
        var arn = AwsArn.TryParse(certificateArn);
        if (certificateArn is not null && arn is not { Service: "acm" })
        {
            invalid($"{field}.certificateArn: \"{SecretRules.Shorten(certificateArn)}\" is no ARN of a certificate. Copy it from ACM.");
        }

        if (arn is not null && AwsArn.TryParse(roleArn) is { } role && role.Account != arn.Account)
        {
            invalid($"{field}.certificateArn belongs to account {arn.Account}, and {field}.roleArn to account {role.Account}. Name a role of account {arn.Account}: a certificate is managed from its own account alone.");
        }

        return arn;
    }

    /// <summary>Where and as whom to ask; null for what is wrong.</summary>
    public static ResolvedAwsAccess? ResolveAccess(AwsAccessConfig config, string? region, string field, AwsArn? arn, Action<string> invalid)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(invalid);
        if (config.CredentialsSecretName is { } secret)
        {
            SecretRules.CheckName(secret, $"{field}.credentialsSecretName", invalid);
        }

        if (config.RoleArn is { } role && AwsArn.TryParse(role) is not { Service: "iam", Resource: ['r', 'o', 'l', 'e', '/', _, ..] })
        {
            invalid($"{field}.roleArn: \"{SecretRules.Shorten(role)}\" is no ARN of a role. Write it as arn:aws:iam::111122223333:role/certoperator.");
        }

        if (config.CredentialsSecretName is null && (config.Endpoint ?? config.StsEndpoint ?? config.CaBundle) is not null)
        {
            // Without credentials of its own the policy acts as the operator, whose signed requests must reach nobody but AWS.
            invalid($"{field}.{(config.Endpoint is not null ? "endpoint" : config.StsEndpoint is not null ? "stsEndpoint" : "caBundle")}: an address or trust of one's own needs credentials of one's own. Name a Secret in {field}.credentialsSecretName, or remove endpoint, stsEndpoint and caBundle.");
        }

        IssuerResolver.CheckBundle(config.CaBundle, $"{field}.caBundle", invalid);
        var (endpoint, sts) = (UrlOf(config.Endpoint, $"{field}.endpoint", invalid), UrlOf(config.StsEndpoint, $"{field}.stsEndpoint", invalid));
        return AwsRegions.Resolve(region, arn, field, invalid) is { } resolved
            ? new ResolvedAwsAccess(field, resolved, endpoint, sts, config.CaBundle, config.CredentialsSecretName, config.RoleArn)
            : null;
    }

    private static Uri? UrlOf(string? url, string field, Action<string> invalid)
    {
        if (url is null)
        {
            return null;
        }

        if (Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps && uri.Host.Length > 0
            && uri is { UserInfo.Length: 0, Query.Length: 0, Fragment.Length: 0, AbsolutePath: "/" })
        {
            return uri;
        }

        invalid($"{field}: \"{SecretRules.Shorten(url)}\" is no https URL of a host alone. Write it as https://vpce-1a2b3c.kms.eu-central-1.vpce.amazonaws.com, or leave it out for the region's public endpoint.");
        return null;
    }

    [GeneratedRegex("^(alias/[A-Za-z0-9/_-]{1,250}|[A-Za-z0-9-]{1,64})$")]
    private static partial Regex KeyIdOrAlias();

    [GeneratedRegex("^(alias/[A-Za-z0-9/_-]{1,250}|key/[A-Za-z0-9-]{1,64})$")]
    private static partial Regex KeyResource();
}

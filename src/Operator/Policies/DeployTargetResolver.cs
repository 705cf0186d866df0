using CertOperator.Crds.Policies;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Providers.Gcp;

namespace CertOperator.Operator.Policies;

/// <summary>Checks spec.deploy.targets. What is said of a cloud there is all that counts: nothing is inherited from the settings. Pure.</summary>
public static class DeployTargetResolver
{
    /// <param name="owner">Namespace and name of the policy.</param>
    /// <param name="targets">What it says.</param>
    /// <param name="invalid">Takes a sentence on what is wrong.</param>
    public static IReadOnlyList<ResolvedDeployTarget> Resolve(string owner, IReadOnlyList<DeployTargetSpec> targets, Action<string> invalid)
    {
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentNullException.ThrowIfNull(invalid);
        var resolved = new List<ResolvedDeployTarget>();
        for (var i = 0; i < targets.Count; i++)
        {
            var field = $"spec.deploy.targets[{i}]";
            IssuerResolver.CheckBundle(targets[i].IssuerBundle, $"{field}.issuerBundle", invalid);
            if (Resolve(owner, targets[i], field, invalid) is not { } target)
            {
                continue;
            }

            if (resolved.Exists(t => t.Id == target.Id))
            {
                invalid($"{field}: an earlier target is the same place, {target.Id}. Remove one.");
            }

            resolved.Add(target);
        }

        return resolved;
    }

    private static ResolvedDeployTarget? Resolve(string owner, DeployTargetSpec target, string field, Action<string> invalid)
    {
        switch (target.AwsAcm, target.GcpCm)
        {
            case ({ } acm, null):
                return Acm(target, acm, $"{field}.awsAcm", invalid);

            case (null, { } google):
                return Google(owner, target, google, $"{field}.gcpCm", invalid);

            default:
                invalid($"{field}: name one place, in awsAcm or in gcpCm.");
                return null;
        }
    }

    private static ResolvedAcmTarget? Acm(DeployTargetSpec target, AwsAcmTargetConfig config, string field, Action<string> invalid)
    {
        var arn = AwsRules.ResolveCertificate(config.CertificateArn, config.RoleArn, field, invalid);
        return AwsRules.ResolveAccess(config, config.Region, field, arn, invalid) is { } access
            ? new ResolvedAcmTarget { Field = field, IssuerBundle = target.IssuerBundle, Access = access, CertificateArn = config.CertificateArn }
            : null;
    }

    private static ResolvedGcpTarget? Google(string owner, DeployTargetSpec target, GcpCmTargetConfig config, string field, Action<string> invalid)
        => GcpIssuerResolver.ResolveAccess(config, config.Project, field, invalid) is { } access
            ? new ResolvedGcpTarget { Field = field, IssuerBundle = target.IssuerBundle, Access = access, CertificateId = config.Certificate ?? GcpNames.CertificateId(owner, []) }
            : null;
}

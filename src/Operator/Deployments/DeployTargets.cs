using CertOperator.Operator.Aws;
using CertOperator.Operator.Issuers;
using CertOperator.Operator.Policies;
using CertOperator.Providers.AwsAcm;
using CertOperator.Providers.Deployments;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Gcp;

namespace CertOperator.Operator.Deployments;

/// <summary>Opens targets with the credentials of a policy's namespace.</summary>
public interface IDeployTargetSource
{
    /// <summary>The target, ready to be asked.</summary>
    /// <param name="namespace">The policy's: credentials come from nowhere else.</param>
    /// <param name="target">Which one.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <exception cref="Secrets.CredentialException">A Secret is missing or does not hold what it must.</exception>
    Task<IDeployTarget> OpenAsync(string @namespace, ResolvedDeployTarget target, CancellationToken cancellationToken);
}

/// <summary>The kinds of targets that there are, by what a policy is resolved to.</summary>
public sealed class DeployTargets(IReadOnlyDictionary<Type, IDeployTargetSource> sources) : IDeployTargetSource
{
    public Task<IDeployTarget> OpenAsync(string @namespace, ResolvedDeployTarget target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        return sources[target.GetType()].OpenAsync(@namespace, target, cancellationToken);
    }
}

/// <summary>Opens imported certificates in AWS Certificate Manager.</summary>
public sealed class AcmTargetSource(AwsCredentials credentials, AcmApi api) : IDeployTargetSource
{
    public async Task<IDeployTarget> OpenAsync(string @namespace, ResolvedDeployTarget target, CancellationToken cancellationToken)
    {
        var acm = (ResolvedAcmTarget)target;
        return new AcmImportTarget(api, await credentials.ResolveAsync(@namespace, acm.Access, cancellationToken), acm.CertificateArn);
    }
}

/// <summary>Opens self-managed certificates in Google Cloud Certificate Manager.</summary>
public sealed class GcpTargetSource(GcpCredentials credentials, GcpIdentities identities, EgressHttpClients clients) : IDeployTargetSource
{
    public async Task<IDeployTarget> OpenAsync(string @namespace, ResolvedDeployTarget target, CancellationToken cancellationToken)
    {
        var google = (ResolvedGcpTarget)target;
        return new GcpUploadTarget(await credentials.ResolveAsync(@namespace, google.Access, cancellationToken), identities, clients, google.CertificateId);
    }
}

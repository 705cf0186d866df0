using CertOperator.Providers.Deployments;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.Gcp;

/// <summary>
/// A self-managed certificate in Certificate Manager. Its name is known beforehand and stays, so that what uses it there gets each new pair by
/// itself, and whatever an interrupted try has made is found again.
/// </summary>
/// <param name="access">Where and as whom.</param>
/// <param name="identities">Gives tokens.</param>
/// <param name="clients">Dials through the egress check.</param>
/// <param name="certificateId">The certificate's name in the location.</param>
public sealed class GcpUploadTarget(GcpAccess access, GcpIdentities identities, EgressHttpClients clients, string certificateId) : IDeployTarget
{
    private const string Permission = nameof(Permission);
    private static readonly TimeSpan OperationGap = TimeSpan.FromSeconds(2);

    private readonly CertificateManagerApi _api = new(access, identities, clients);

    private string Name => $"{access.Parent}/certificates/{certificateId}";

    public Task<string?> FindAsync(TargetOwner owner, CancellationToken cancellationToken) => Task.FromResult<string?>(Name);

    public async Task<TargetProgress> PutAsync(TargetPair pair, TargetOwner owner, TargetPlace place, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pair);
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(place);

        // Google forgets operations; what they were for can always be looked at.
        if (place.Operation is { } name && await _api.FindOperationAsync(name, cancellationToken) is { } underWay)
        {
            return Judge(underWay);
        }

        var found = await _api.FindCertificateAsync(Name, cancellationToken);
        Require(found);
        if (found is not null && FingerprintOf(found) == pair.Chain.Fingerprint)
        {
            return new TargetProgress.Done(Name);
        }

        var upload = new GcpSelfManagedCertificate(pair.Chain.LeafPem + pair.Chain.IssuersPem, pair.Key.ToPkcs8Pem());
        return Judge(found is not null
            ? await _api.ReplaceSelfManagedAsync(Name, upload, cancellationToken)
            : await _api.CreateCertificateAsync(certificateId, new GcpCertificate { Description = $"Renewed for policy {owner.Name}", Labels = GcpNames.Labels, SelfManaged = upload }, cancellationToken)
                ?? throw new IssuanceException(IssuanceFailure.Transient, GcpReasons.RequestRefused, $"Certificate {Name} was made a moment ago by somebody else. The operator looks again."));
    }

    public async Task<IReadOnlyList<ProviderCheck>> CheckAsync(string? existing, TargetKey key, CancellationToken cancellationToken)
    {
        ProviderCheck look;
        try
        {
            var found = await _api.FindCertificateAsync(Name, cancellationToken);
            Require(found);
            look = new ProviderCheck(Permission, "certificatemanager.certs.get", true, found is null ? $"There is no certificate {Name} yet; a live run would upload it." : $"Certificate {Name} is there; a live run would replace what it holds.");
        }
        catch (IssuanceException e)
        {
            look = new ProviderCheck(Permission, "certificatemanager.certs.get", false, e.Message);
        }

        return [look, new ProviderCheck(Permission, "certificatemanager.certs.create, certificatemanager.certs.update", null, "Google Cloud has no way to try an upload without its effect. A live run needs these permissions.")];
    }

    /// <summary>A certificate that Google issues cannot become one that is uploaded.</summary>
    private void Require(GcpCertificate? found)
    {
        if (found is { Managed: not null })
        {
            throw new IssuanceException(IssuanceFailure.NeedsManual, GcpReasons.NameTaken, $"Certificate {Name} is one that Google issues, so no pair can be uploaded to it. Name another in {access.Field}.certificate, or leave that field out, then resume the run.");
        }
    }

    private TargetProgress Judge(GcpOperation operation)
        => operation switch
        {
            { Error: { } error } => throw GcpFailures.FromOperation(access, $"the upload to certificate {certificateId}", error),
            { Done: true } => new TargetProgress.Done(Name),
            { Name: { Length: > 0 } name } => new TargetProgress.Pending(Name, name, OperationGap),
            _ => throw GcpFailures.Unreadable(access, access.Endpoint, $"the upload to certificate {certificateId}"),
        };

    /// <returns>Null where it holds nothing that can be read.</returns>
    private static string? FingerprintOf(GcpCertificate found)
    {
        try
        {
            using var chain = CertificateChain.Parse(found.PemCertificate ?? "", PemLimits.Stored);
            return chain.Facts.Fingerprint;
        }
        catch (PkiException)
        {
            return null;
        }
    }
}

using System.Text;
using CertOperator.Providers.Aws;
using CertOperator.Providers.Deployments;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.AwsAcm;

/// <summary>An imported certificate in AWS Certificate Manager. It keeps its ARN, so that what uses it there gets each new pair by itself.</summary>
/// <param name="api">Asks ACM.</param>
/// <param name="access">Where and as whom.</param>
/// <param name="certificateArn">The certificate to import to; null to have one made.</param>
public sealed class AcmImportTarget(AcmApi api, AwsAccess access, string? certificateArn) : IDeployTarget
{
    private const string UidTag = "certoperator.io/policy-uid";
    private const string PolicyTag = "certoperator.io/policy";
    private const string Imported = "IMPORTED";

    public async Task<string?> FindAsync(TargetOwner owner, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(owner);
        return certificateArn ?? await api.FindByTagAsync(access, new AcmTag(UidTag, owner.Uid).Equals, c => c.Type == Imported, cancellationToken);
    }

    public async Task<TargetProgress> PutAsync(TargetPair pair, TargetOwner owner, TargetPlace place, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pair);
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(place);
        if (pair.Chain.MissingIssuer is { } issuer)
        {
            throw new IssuanceException(
                IssuanceFailure.NeedsManual,
                AcmReasons.IncompleteChain,
                $"The certificate came without that of its issuer, {issuer}, and ACM takes none without. Put the issuer's certificate into {ParentOf(access.Field)}.issuerBundle, then resume the run.");
        }

        var arn = certificateArn ?? place.Existing;
        try
        {
            return new TargetProgress.Done(await ImportAsync(pair, owner, arn, cancellationToken));
        }
        catch (IssuanceException e) when (e.Reason == AcmReasons.CertificateNotFound && certificateArn is null && arn is not null)
        {
            // What the policy names is a person's to mend; this was made by the operator.
            return new TargetProgress.Gone($"{arn} is no longer in region {access.Region} of the account of {access.Identity}; another certificate is imported in its place.");
        }
        catch (IssuanceException e) when (e.Reason == AcmReasons.ImportRefused && arn is not null)
        {
            if (await FindOtherKeyAsync(arn, AcmKeyKinds.Of(pair.Key.Algorithm, pair.Key.Size), cancellationToken) is { } other)
            {
                throw new IssuanceException(IssuanceFailure.NeedsManual, AcmReasons.ImportRefused, $"{other} Then resume the run, unless spec.key was changed, which begins another one.", inner: e);
            }

            throw;
        }
    }

    public async Task<IReadOnlyList<ProviderCheck>> CheckAsync(string? existing, TargetKey key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        const string Permission = nameof(Permission);
        var arn = certificateArn ?? existing;
        var action = arn is null ? "acm:ListCertificates" : "acm:DescribeCertificate";
        ProviderCheck look;
        try
        {
            look = new ProviderCheck(Permission, action, true, arn is null ? await ListAsync(cancellationToken) : await DescribeAsync(arn, AcmKeyKinds.Of(key.Algorithm, key.Size), cancellationToken));
        }
        catch (IssuanceException e)
        {
            look = new ProviderCheck(Permission, action, false, e.Message);
        }

        return [look, new ProviderCheck(Permission, "acm:ImportCertificate", null, "ACM has no way to try acm:ImportCertificate without its effect. A live run needs it.")];
    }

    /// <summary>The target itself, of which the account is a part.</summary>
    private static string ParentOf(string field) => field[..field.LastIndexOf('.')];

    private async Task<string> ListAsync(CancellationToken cancellationToken)
    {
        await api.ListAsync(access, 1, null, cancellationToken);
        return $"ACM in region {access.Region} answers to {access.Identity}; a live run would import another certificate there.";
    }

    private async Task<string> DescribeAsync(string arn, string kind, CancellationToken cancellationToken)
        => await api.DescribeAsync(access, arn, cancellationToken) switch
        {
            null when certificateArn is null => $"{arn} is no longer in region {access.Region} of the account of {access.Identity}; a live run would import another certificate there.",
            null => throw new IssuanceException(IssuanceFailure.NeedsManual, AcmReasons.CertificateNotFound, $"{arn} is not in region {access.Region} of the account of {access.Identity}: it was deleted, or belongs to another account. Correct {access.Field}.certificateArn."),
            { Type: not Imported } => throw new IssuanceException(IssuanceFailure.NeedsManual, AcmReasons.ImportRefused, $"{arn} was issued by ACM, and only imported certificates can be imported to again. Name another in {access.Field}.certificateArn, or leave it out."),
            var found when FindOtherKey(found, arn, kind) is { } other => throw new IssuanceException(IssuanceFailure.NeedsManual, AcmReasons.ImportRefused, other),
            _ => $"{arn} is there; a live run would import to it again.",
        };

    /// <summary>What ACM has said is enough where it cannot be looked at.</summary>
    private async Task<string?> FindOtherKeyAsync(string arn, string kind, CancellationToken cancellationToken)
    {
        try
        {
            return await api.DescribeAsync(access, arn, cancellationToken) is { Type: Imported } found ? FindOtherKey(found, arn, kind) : null;
        }
        catch (IssuanceException)
        {
            return null;
        }
    }

    /// <summary>What to do where the key is of another kind than the one that is there, which ACM never changes; null where it is not.</summary>
    private string? FindOtherKey(AcmCertificate found, string arn, string kind)
        => found.KeyAlgorithm is null || AcmKeyKinds.AreSame(found.KeyAlgorithm, kind)
            ? null
            : $"The key of {arn} is {AcmKeyKinds.Show(found.KeyAlgorithm)}, and that of the pair {kind}: an imported certificate keeps the kind and size of its key. Let spec.key ask for that kind, or "
                + (certificateArn is null ? "delete that certificate once no service uses it, so that another one is imported in its place." : $"import the new pair once by hand as another certificate, and name that in {access.Field}.certificateArn.");

    private Task<string> ImportAsync(TargetPair pair, TargetOwner owner, string? arn, CancellationToken cancellationToken)
        => api.ImportAsync(
            access,
            new AcmImport(
                arn,
                Encoding.ASCII.GetBytes(pair.Chain.LeafPem),
                Encoding.ASCII.GetBytes(pair.Key.ToPkcs8Pem()),
                pair.Chain.IssuersPem.Length == 0 ? null : Encoding.ASCII.GetBytes(pair.Chain.IssuersPem),

                // ACM takes tags with the first import only.
                arn is null ? [new AcmTag(UidTag, owner.Uid), new AcmTag(PolicyTag, owner.Name)] : null),
            cancellationToken);
}

using CertOperator.Providers.Aws;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.AwsAcm;

/// <summary>What ACM has already for a request: the certificate in use, what earlier runs have left behind, and what this one has asked for.</summary>
internal sealed class AcmEarlier(AcmApi api)
{
    /// <summary>The tag by which a request is known whose answer was lost.</summary>
    public const string RunTag = "certoperator.io/run";

    /// <summary>The certificate in use, where ACM goes on renewing it as the policy wants it.</summary>
    public async Task<OrderPlacement?> FindRenewableAsync(IssuanceRequest request, AwsAcmIssuer issuer, CancellationToken cancellationToken)
        => await FindInUseAsync(request, issuer, cancellationToken) is ({ } arn, { } certificate) && FindObstacle(certificate, arn, request, issuer) is null
            ? AcmOrders.Place(certificate, arn)
            : null;

    /// <returns>The ARN, null where none is known or it is of another region; and the certificate, null where it is gone.</returns>
    public async Task<(string? Arn, AcmCertificate? Certificate)> FindInUseAsync(IssuanceRequest request, AwsAcmIssuer issuer, CancellationToken cancellationToken)
        => request.InUseOrder is { } arn && IsHere(arn, issuer) ? (arn, await api.DescribeAsync(issuer.Access, arn, cancellationToken)) : (null, null);

    /// <summary>Why the certificate in use would be replaced instead of renewed; null where it would be renewed.</summary>
    public static string? FindObstacle(AcmCertificate certificate, string arn, IssuanceRequest request, AwsAcmIssuer issuer)
        => certificate.Status != "ISSUED" ? $"{arn} is in status {certificate.Status}."
            : !AcmOrders.HasKey(certificate, issuer) ? $"The key of {arn} is {AcmKeyKinds.Show(certificate.KeyAlgorithm)}, and spec.key asks for {issuer.KeyAlgorithm}."
            : AcmOrders.FindMisfit(certificate, arn, request, issuer) is not null ? $"{arn} is for other names than the policy, or was requested without export."
            : certificate.RenewalEligibility != "ELIGIBLE" && !IsRenewing(certificate) ? $"ACM does not renew {arn}: no AWS service uses it, and it was not exported."
            : null;

    /// <summary>What an earlier run has requested and given up waiting for: ACM goes on looking for its records, or has issued it meanwhile.</summary>
    /// <returns>Null where there is nothing, it would not do, or it is the certificate in use.</returns>
    public async Task<OrderPlacement?> FindLeftAsync(IssuanceRequest request, AwsAcmIssuer issuer, CancellationToken cancellationToken)
    {
        if (request.UnfinishedOrder is { } known && IsHere(known, issuer) && await FindFittingAsync(known, request, issuer, cancellationToken) is { } left)
        {
            return left;
        }

        // A run that ended before it knew the ARN has left its tag.
        return request.LostRuns is { Count: > 0 } lost && await FindRequestedAsync(lost, request, issuer, cancellationToken) is { } found
            ? await FindFittingAsync(found, request, issuer, cancellationToken)
            : null;
    }

    /// <summary>ACM knows a repeated request by its token for an hour; after that, and in another run, only the tag tells.</summary>
    /// <param name="runs">Uids of the runs that may have made it.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="issuer">Where.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <returns>The ARN; null where there is none, or where listing is not allowed.</returns>
    public async Task<string?> FindRequestedAsync(IReadOnlyList<string> runs, IssuanceRequest request, AwsAcmIssuer issuer, CancellationToken cancellationToken)
    {
        try
        {
            return await api.FindByTagAsync(
                issuer.Access,
                tag => tag.Key == RunTag && runs.Contains(tag.Value),
                c => c.Status is "PENDING_VALIDATION" or "ISSUED" && string.Equals(c.DomainName, request.Names[0], StringComparison.OrdinalIgnoreCase),
                cancellationToken);
        }
        catch (IssuanceException e) when (e.Reason == AwsReasons.AccessDenied)
        {
            // Who may not list has the token, which is enough but for an operator that was away for an hour.
            return null;
        }
    }

    /// <summary>Whether ACM has another certificate under an ARN than the one in use.</summary>
    public async Task<bool> IsNewAsync(IssuanceRequest request, AwsAcmIssuer issuer, string arn, CancellationToken cancellationToken)
    {
        if (request.InUse is not { } inUse)
        {
            return true;
        }

        var answer = await api.GetAsync(issuer.Access, arn, cancellationToken);
        using var chain = CertificateChain.Parse(AcmOrders.ChainOf(answer.Certificate!, answer.CertificateChain), PemLimits.Issued);
        return chain.Facts.Fingerprint != inUse;
    }

    private async Task<OrderPlacement?> FindFittingAsync(string arn, IssuanceRequest request, AwsAcmIssuer issuer, CancellationToken cancellationToken)
        => await api.DescribeAsync(issuer.Access, arn, cancellationToken) is { Type: "AMAZON_ISSUED", Status: "PENDING_VALIDATION" or "ISSUED" } found
            && AcmOrders.HasKey(found, issuer) && (found.Options?.Export == "ENABLED") == issuer.Exportable && AcmOrders.FindMisfit(found, arn, request, issuer) is null
            && (found.Status != "ISSUED" || await IsNewAsync(request, issuer, arn, cancellationToken)) ? AcmOrders.Place(found, arn) : null;

    /// <summary>An ARN that an earlier run has left, where the policy went on to another region meanwhile.</summary>
    private static bool IsHere(string arn, AwsAcmIssuer issuer) => AwsArn.TryParse(arn) is { Service: "acm" } parsed && parsed.Region == issuer.Access.Region;

    private static bool IsRenewing(AcmCertificate certificate) => certificate.RenewalSummary?.RenewalStatus is "PENDING_AUTO_RENEWAL" or "PENDING_VALIDATION" or "SUCCESS";
}

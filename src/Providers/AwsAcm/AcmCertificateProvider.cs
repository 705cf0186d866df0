using System.Security.Cryptography;
using System.Text;
using CertOperator.Crds.Runs;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.AwsAcm;

/// <summary>
/// Certificates of AWS Certificate Manager, which makes the key. An order is a certificate there and its address an ARN. The first one is
/// requested; from then on the same certificate is renewed, by ACM itself or because it is asked to.
/// </summary>
public sealed class AcmCertificateProvider(AcmApi api, TimeProvider timeProvider) : ICertificateProvider
{
    private const string PolicyTag = "certoperator.io/policy";
    private const string Permission = nameof(Permission);

    /// <summary>ACM looks for 72 hours. Who has not served the record in three needs to hear of it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(3);

    private readonly AcmEarlier _earlier = new(api);

    public ProviderTraits Traits { get; } = new(PlacesOrders: true, ProvesControl: true, MakesKey: true);

    public async Task<string> PrepareAsync(IssuanceRequest request, CancellationToken cancellationToken)
    {
        var issuer = IssuerOf(request);
        if (issuer.CertificateArn is not { } arn)
        {
            return $"ACM in region {issuer.Access.Region} is asked as {issuer.Access.Identity}.";
        }

        var certificate = await DescribeNamedAsync(issuer, arn, request, cancellationToken);
        return $"{arn} is there, in status {certificate.Status}.";
    }

    public async Task<OrderPlacement> PlaceOrderAsync(IssuanceRequest request, bool mayExist, Func<string, bool> isTaken, CancellationToken cancellationToken)
    {
        var issuer = IssuerOf(request);
        if (issuer.CertificateArn is { } named)
        {
            return AcmOrders.Place(await DescribeNamedAsync(issuer, named, request, cancellationToken), named);
        }

        if (await _earlier.FindRenewableAsync(request, issuer, cancellationToken) is { } renewable)
        {
            return renewable;
        }

        var arn = mayExist ? await _earlier.FindRequestedAsync([request.RunUid], request, issuer, cancellationToken) : null;
        if (arn is null && await _earlier.FindLeftAsync(request, issuer, cancellationToken) is { } left)
        {
            return left;
        }

        arn ??= await RequestAsync(request, issuer, cancellationToken);
        return new OrderPlacement(new RunOrder { Url = arn }, Pending: new IssuanceProgress.Pending(AcmOrders.Delay(0), $"ACM has taken the request: {arn}"));
    }

    public async Task<OrderPlacement?> FindOrderAsync(IssuanceRequest request, string url, CancellationToken cancellationToken)
        => await api.DescribeAsync(IssuerOf(request).Access, url, cancellationToken) is { } certificate ? AcmOrders.Place(certificate, url) : null;

    public async Task<IssuanceProgress> SolveAsync(IssuanceRequest request, OrderSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var (issuer, arn) = (IssuerOf(request), session.Order.Url!);
        if (await api.DescribeAsync(issuer.Access, arn, cancellationToken) is not { } certificate)
        {
            return Gone(arn);
        }

        switch (certificate.Status)
        {
            case "PENDING_VALIDATION":
                return WaitForProof(certificate, arn, session, SinceWhen(certificate, request));

            case "ISSUED" when await _earlier.IsNewAsync(request, issuer, arn, cancellationToken):
                session.Polls = 0;
                return new IssuanceProgress.Done($"ACM has issued {arn}.");

            case "ISSUED":
                return await RenewAsync(certificate, arn, issuer, session, cancellationToken);

            default:
                throw AcmErrors.Ended(certificate, arn);
        }
    }

    public async Task<IssuanceProgress> FinalizeAsync(IssuanceRequest request, OrderSession session, Func<CancellationToken, Task<byte[]>> createSigningRequest, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var (issuer, arn) = (IssuerOf(request), session.Order.Url!);
        try
        {
            return issuer.Exportable ? await ExportAsync(issuer, arn, cancellationToken) : await FetchAsync(issuer, arn, cancellationToken);
        }
        catch (IssuanceException e) when (e.Reason == AcmReasons.CertificateNotFound)
        {
            return Gone(arn);
        }
    }

    /// <summary>A request of the run's own that was not proven yet counts against a quota until it is deleted.</summary>
    public async Task CancelAsync(IssuanceRequest request, RunOrder order, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(order);
        var issuer = IssuerOf(request);
        if (order.Url is { } arn && issuer.CertificateArn is null && await api.DescribeAsync(issuer.Access, arn, cancellationToken) is { Status: "PENDING_VALIDATION" })
        {
            await api.DeleteAsync(issuer.Access, arn, cancellationToken);
        }
    }

    public async Task<IReadOnlyList<ProviderCheck>> CheckAsync(IssuanceRequest request, CancellationToken cancellationToken)
    {
        var issuer = IssuerOf(request);
        var (looks, asks) = await LookAsync(request, issuer, cancellationToken);
        string[] untried = asks ? ["acm:RequestCertificate", "acm:AddTagsToCertificate", "acm:DescribeCertificate"] : ["acm:RenewCertificate"];
        return
        [
            looks,
            .. untried.Append(issuer.Exportable ? "acm:ExportCertificate" : "acm:GetCertificate").Where(action => action != looks.Subject)
                .Select(action => new ProviderCheck(Permission, action, null, $"ACM has no way to try {action} without its effect. A live run needs it.")),
        ];
    }

    /// <summary>What a live run would begin with.</summary>
    /// <returns>What was seen, and whether another certificate would be requested.</returns>
    private async Task<(ProviderCheck Row, bool Asks)> LookAsync(IssuanceRequest request, AwsAcmIssuer issuer, CancellationToken cancellationToken)
    {
        var action = "acm:DescribeCertificate";
        var asks = false;
        try
        {
            if (issuer.CertificateArn is { } named)
            {
                return (Passed($"{named} is there, in status {(await DescribeNamedAsync(issuer, named, request, cancellationToken)).Status}."), asks);
            }

            asks = true;
            if (await _earlier.FindInUseAsync(request, issuer, cancellationToken) is ({ } arn, { } inUse))
            {
                return AcmEarlier.FindObstacle(inUse, arn, request, issuer) is { } obstacle
                    ? (Passed($"{obstacle} A live run would leave it as it is and request another certificate, with an ARN of its own."), asks)
                    : (Passed($"{arn} is there; a live run would have it renewed."), false);
            }

            action = "acm:ListCertificates";
            await api.ListAsync(issuer.Access, 1, null, cancellationToken);
            return (Passed($"ACM in region {issuer.Access.Region} answers to {issuer.Access.Identity}."), asks);
        }
        catch (IssuanceException e)
        {
            return (new ProviderCheck(Permission, action, false, e.Message), asks);
        }

        ProviderCheck Passed(string evidence) => new(Permission, action, true, evidence);
    }

    private static AwsAcmIssuer IssuerOf(IssuanceRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return (AwsAcmIssuer)request.Issuer;
    }

    private static IssuanceProgress.OrderGone Gone(string arn) => new($"ACM no longer has {arn}.");

    private async Task<AcmCertificate> DescribeNamedAsync(AwsAcmIssuer issuer, string arn, IssuanceRequest request, CancellationToken cancellationToken)
    {
        var certificate = await api.DescribeAsync(issuer.Access, arn, cancellationToken)
            ?? throw new IssuanceException(
                IssuanceFailure.NeedsManual,
                AcmReasons.CertificateNotFound,
                $"{arn} is not in region {issuer.Access.Region} of the account of {issuer.Access.Identity}: it was deleted, or belongs to another account. Correct {issuer.Field}.certificateArn, then resume the run.");
        return AcmOrders.FindMisfit(certificate, arn, request, issuer) is { } misfit ? throw misfit : certificate;
    }

    private Task<string> RequestAsync(IssuanceRequest request, AwsAcmIssuer issuer, CancellationToken cancellationToken)
        => api.RequestAsync(
            issuer.Access,
            new AcmRequestCertificate(
                request.Names[0],
                request.Names.Count > 1 ? [.. request.Names.Skip(1)] : null,
                "DNS",
                Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request.RunUid)))[..32],
                issuer.KeyAlgorithm,
                new AcmOptions(issuer.Exportable ? "ENABLED" : "DISABLED", "ENABLED"),
                [new AcmTag(AcmEarlier.RunTag, request.RunUid), new AcmTag(PolicyTag, request.Owner)]),
            cancellationToken);

    /// <summary>Whoever resumes a run, or asks for another, has mended something, which ACM is given time to see.</summary>
    private static double? SinceWhen(AcmCertificate certificate, IssuanceRequest request)
        => certificate.CreatedAt is { } created && (request.ResumedAt ?? request.StartedAt) is { } begun ? Math.Max(created, begun.ToUnixTimeSeconds()) : certificate.CreatedAt;

    private IssuanceProgress.Pending WaitForProof(AcmCertificate certificate, string arn, OrderSession session, double? since)
    {
        var unseen = AcmErrors.Describe(AcmErrors.Unseen(certificate));
        return since is { } seconds && timeProvider.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000)) > Patience
            ? throw new IssuanceException(IssuanceFailure.NeedsManual, AcmReasons.ValidationPending, $"ACM has not seen {unseen} for {Patience.TotalHours:0} hours. Check that every name server of the zone serves it to the whole internet, then resume the run: {arn} is waited for on.")
            : new IssuanceProgress.Pending(AcmOrders.Delay(session.Polls++), $"ACM looks for {unseen}.");
    }

    /// <summary>Certificates that a service uses ACM renews by itself; the others, and these before their time, when it is asked to.</summary>
    private async Task<IssuanceProgress> RenewAsync(AcmCertificate certificate, string arn, AwsAcmIssuer issuer, OrderSession session, CancellationToken cancellationToken)
    {
        switch (certificate.RenewalSummary?.RenewalStatus)
        {
            // What is to be proven becomes known when the order is looked at anew.
            case "PENDING_VALIDATION" when session.Order.Challenges is not { Count: > 0 }:
                return new IssuanceProgress.OrderGone($"ACM wants control over the names of {arn} to be proven again.");

            case "PENDING_VALIDATION":
                return WaitForProof(certificate, arn, session, since: null);

            case "FAILED":
                throw new IssuanceException(IssuanceFailure.Failed, AcmReasons.RequestFailed, $"ACM could not renew {arn} and says {certificate.RenewalSummary.RenewalStatusReason ?? "no reason"}. Look at it in the console of ACM.");

            case "PENDING_AUTO_RENEWAL":
                break;

            case var _ when certificate.RenewalEligibility != "ELIGIBLE":
                throw new IssuanceException(IssuanceFailure.NeedsManual, AcmReasons.NotEligibleForRenewal, $"{arn} is the certificate in use, and ACM does not renew it: no AWS service uses it, and it was not exported. Associate it with one, or leave {issuer.Field}.certificateArn out so that another certificate is requested.");

            case var _ when !session.Ready:
                await AskForRenewalAsync(issuer, arn, cancellationToken);
                session.Ready = true;
                break;
        }

        return new IssuanceProgress.Pending(AcmOrders.Delay(session.Polls++), $"ACM renews {arn}.");
    }

    private async Task AskForRenewalAsync(AwsAcmIssuer issuer, string arn, CancellationToken cancellationToken)
    {
        try
        {
            await api.RenewAsync(issuer.Access, arn, cancellationToken);
        }
        catch (IssuanceException e) when (e.Reason == AcmReasons.InProgress)
        {
            // Asked by an earlier try.
        }
    }

    private async Task<IssuanceProgress> ExportAsync(AwsAcmIssuer issuer, string arn, CancellationToken cancellationToken)
    {
        var passphrase = AcmKeys.NewPassphrase();
        var answer = await api.ExportAsync(issuer.Access, arn, Encoding.ASCII.GetBytes(passphrase), cancellationToken);
        return new IssuanceProgress.Issued(AcmOrders.ChainOf(answer.Certificate!, answer.CertificateChain)) { PrivateKeyPem = AcmKeys.Open(answer.PrivateKey!, passphrase, arn) };
    }

    private async Task<IssuanceProgress> FetchAsync(AwsAcmIssuer issuer, string arn, CancellationToken cancellationToken)
    {
        var answer = await api.GetAsync(issuer.Access, arn, cancellationToken);
        var pem = AcmOrders.ChainOf(answer.Certificate!, answer.CertificateChain);
        using var chain = CertificateChain.Parse(pem, PemLimits.Issued);
        var publicKey = chain.Leaf.PublicKey.ExportSubjectPublicKeyInfo();
        return new IssuanceProgress.Issued(pem) { Key = new KeyReference { Place = KeyPlaces.AwsAcm, Key = arn, PublicKeySha256 = KeyReference.Fingerprint(publicKey) } };
    }
}

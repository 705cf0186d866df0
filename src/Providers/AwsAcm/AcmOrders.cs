using CertOperator.Crds.Runs;
using CertOperator.Providers.Challenges;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.AwsAcm;

/// <summary>Describes certificates in ACM as the orders that runs work with. Pure.</summary>
internal static class AcmOrders
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>1 s doubling to 30 s: ACM takes minutes, and is not to be asked often.</summary>
    public static TimeSpan Delay(int polls) => TimeSpan.FromTicks(Math.Min(First.Ticks << Math.Clamp(polls, 0, 6), Longest.Ticks));

    /// <summary>The order that a certificate stands for: pending until ACM has named the records to prove control by.</summary>
    /// <exception cref="IssuanceException">It will never be good.</exception>
    public static OrderPlacement Place(AcmCertificate certificate, string arn)
    {
        var order = new RunOrder { Url = arn };
        switch (certificate.Status)
        {
            case "PENDING_VALIDATION":
                return Prove(order, arn, certificate.DomainValidationOptions ?? []);

            case "ISSUED" when certificate.RenewalSummary?.RenewalStatus == "PENDING_VALIDATION":
                return Prove(order, arn, certificate.RenewalSummary.DomainValidationOptions ?? []);

            case "ISSUED":
                return new OrderPlacement(order with { Challenges = [] });

            default:
                throw AcmErrors.Ended(certificate, arn);
        }
    }

    /// <summary>What keeps a certificate that is there from being renewed for a request; null where nothing does.</summary>
    public static IssuanceException? FindMisfit(AcmCertificate certificate, string arn, IssuanceRequest request, AwsAcmIssuer issuer)
    {
        var names = new HashSet<string>(certificate.SubjectAlternativeNames ?? [], StringComparer.OrdinalIgnoreCase);
        if (certificate.DomainName is { } first)
        {
            names.Add(first);
        }

        if (!names.SetEquals(request.Names))
        {
            return Misfit(AcmReasons.CertificateDoesNotFit, $"{arn} is for {string.Join(", ", names.Order(StringComparer.Ordinal))}, and the policy wants {string.Join(", ", request.Names)}. A certificate's names never change: correct the policy's names, or name another certificate in {issuer.Field}.certificateArn.");
        }

        if (issuer.Exportable && certificate is { Type: "AMAZON_ISSUED", Options.Export: not "ENABLED" })
        {
            return Misfit(AcmReasons.NotExportable, $"{arn} was requested without export, and that never changes. Set {issuer.Field}.exportable: false, or leave {issuer.Field}.certificateArn out so that an exportable certificate is requested.");
        }

        // What comes out has to be what spec.key says; where ACM keeps the key that does not matter.
        if (issuer.Exportable && !HasKey(certificate, issuer))
        {
            return Misfit(AcmReasons.CertificateDoesNotFit, $"The key of {arn} is {AcmKeyKinds.Show(certificate.KeyAlgorithm)}, and spec.key asks for {issuer.KeyAlgorithm}. Change spec.key, or name another certificate in {issuer.Field}.certificateArn.");
        }

        return certificate.Type == "IMPORTED"
            ? Misfit(AcmReasons.NotEligibleForRenewal, $"{arn} was imported: ACM does not renew it. Name a certificate that ACM has issued, or leave {issuer.Field}.certificateArn out so that one is requested.")
            : null;
    }

    /// <summary>Whether the key of a certificate is of the kind that is wanted.</summary>
    public static bool HasKey(AcmCertificate certificate, AwsAcmIssuer issuer) => AcmKeyKinds.AreSame(certificate.KeyAlgorithm, issuer.KeyAlgorithm);

    /// <summary>ACM gives the leaf and its issuers apart.</summary>
    public static string ChainOf(string certificate, string? issuers) => $"{certificate.TrimEnd()}\n{issuers?.TrimStart()}";

    private static IssuanceException Misfit(string reason, string message) => new(IssuanceFailure.NeedsManual, reason, message);

    private static OrderPlacement Prove(RunOrder order, string arn, IReadOnlyList<AcmValidation> validations)
    {
        if (validations.Count == 0 || validations.Any(v => v.ResourceRecord is not { Name.Length: > 0, Value.Length: > 0, Type: "CNAME" }))
        {
            return new OrderPlacement(order, Pending: new IssuanceProgress.Pending(Delay(0), "ACM has taken the request and prepares the records to prove control by."));
        }

        // A name and its wildcard are proven by one record.
        var challenges = validations.DistinctBy(v => v.ResourceRecord!.Name, StringComparer.OrdinalIgnoreCase).Select(v => new RunChallenge
        {
            Hostname = v.DomainName is { } name && name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : v.DomainName ?? "",
            Type = ProvidersRecords.AcmDns,
            AuthorizationUrl = arn,
            Url = $"{arn}#{v.ResourceRecord!.Name}",
            Token = v.ResourceRecord.Name!.TrimEnd('.'),
            KeyAuthorization = v.ResourceRecord.Value!.TrimEnd('.'),
        });
        return new OrderPlacement(order with { Challenges = [.. challenges] });
    }
}

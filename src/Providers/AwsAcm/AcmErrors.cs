using CertOperator.Providers.Aws;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.AwsAcm;

/// <summary>What a run can do about the errors that are Certificate Manager's own, and about certificates that will never be good. Pure.</summary>
internal static class AcmErrors
{
    /// <returns>Null for an error that all services have.</returns>
    public static IssuanceException? Judge(AwsError error, AwsCall call)
        => error.Code switch
        {
            "LimitExceededException" => AwsFailures.Make(IssuanceFailure.Failed, AwsReasons.QuotaExceeded, error, call, $"A quota of the account in region {call.Access.Region} is used up. Delete certificates that nobody uses, or have the quota raised (Service Quotas, AWS Certificate Manager)."),
            "ResourceNotFoundException" => AwsFailures.Make(IssuanceFailure.NeedsManual, AcmReasons.CertificateNotFound, error, call, $"There is no such certificate in region {call.Access.Region} of the account of {call.Access.Identity}: an ARN of another account or region cannot be used. Correct {call.Access.Field}.certificateArn, then resume the run."),
            "InvalidArnException" => AwsFailures.Make(IssuanceFailure.NeedsManual, AcmReasons.CertificateNotFound, error, call, $"Correct {call.Access.Field}.certificateArn, then resume the run."),
            "RequestInProgressException" => AwsFailures.Make(IssuanceFailure.Transient, AcmReasons.InProgress, error, call, "The operator asks again."),
            "ValidationException" or "InvalidParameterException" or "InvalidTagException" or "TooManyTagsException" or "TagPolicyException" or "ConflictException" when call.Action == "acm:ImportCertificate" => AwsFailures.Make(IssuanceFailure.NeedsManual, AcmReasons.ImportRefused, error, call, $"Mend what ACM names, then resume the run. An imported certificate keeps the kind and size of its key, and the key usages that it came with: where these changed, import the new pair once by hand as another certificate, and name that in {call.Access.Field}.certificateArn."),
            "InvalidDomainValidationOptionsException" or "InvalidParameterException" => AwsFailures.Make(IssuanceFailure.Failed, IssuanceReasons.NameRefused, error, call, "Correct spec.hostname and spec.additionalNames, or use another provider."),
            "ValidationException" or "InvalidStateException" when call.Action == "acm:ExportCertificate" => AwsFailures.Make(IssuanceFailure.NeedsManual, AcmReasons.NotExportable, error, call, $"Whether a certificate may be exported is decided when it is requested. Set {call.Access.Field}.exportable: false, or name no certificateArn, then resume the run."),
            _ => null,
        };

    /// <summary>A certificate that was asked for and will never come.</summary>
    public static IssuanceException Ended(AcmCertificate certificate, string arn)
        => certificate.Status switch
        {
            "VALIDATION_TIMED_OUT" => new IssuanceException(
                IssuanceFailure.Failed,
                AcmReasons.ValidationTimedOut,
                $"ACM gave up {arn}: it did not see {Describe(Unseen(certificate))} within 72 hours. Check that the record is served to the whole internet; the next run asks for another certificate."),
            "FAILED" => new IssuanceException(IssuanceFailure.Failed, AcmReasons.RequestFailed, $"ACM refused {arn} with {certificate.FailureReason ?? "no reason"}. {Advice(certificate.FailureReason)}"),
            var status => new IssuanceException(IssuanceFailure.NeedsManual, AcmReasons.CertificateNotUsable, $"ACM has {arn} in status {status}. Choose another certificate, or have a new one requested."),
        };

    /// <summary>The validation records that ACM still looks for, for messages.</summary>
    public static string Describe(IReadOnlyList<AcmRecord> records)
        => records.Count == 0 ? "the validation records" : string.Join(", ", records.Select(r => $"CNAME {r.Name} to {r.Value}"));

    public static IReadOnlyList<AcmRecord> Unseen(AcmCertificate certificate)
        => [.. (certificate.RenewalSummary?.DomainValidationOptions ?? certificate.DomainValidationOptions ?? []).Where(v => v.ValidationStatus != "SUCCESS").Select(v => v.ResourceRecord).OfType<AcmRecord>().Distinct()];

    private static string Advice(string? reason)
        => reason switch
        {
            "CAA_ERROR" => "A CAA record of a name, or of a name above it, does not allow amazon.com. Add: CAA 0 issue \"amazon.com\".",
            "ADDITIONAL_VERIFICATION_REQUIRED" => "Amazon wants to look at the request itself: write to AWS Support.",
            "DOMAIN_NOT_ALLOWED" => "Amazon holds a name to be unsafe. Have it cleared, or use another provider.",
            "INVALID_PUBLIC_DOMAIN" => "A name is not in a public domain. Correct the names, or use a private CA.",
            "DOMAIN_VALIDATION_DENIED" => "The proof of control was refused for a name. Check its validation record.",
            _ => "See the ACM user guide, \"Certificate request fails\".",
        };
}

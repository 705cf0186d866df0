using System.Text.Json.Serialization;

namespace CertOperator.Providers.AwsAcm;

// The parts of the API (2015-12-08) that are used, by their names there.
internal sealed record AcmTag(string Key, string? Value);

internal sealed record AcmOptions(string? Export, string? CertificateTransparencyLoggingPreference);

internal sealed record AcmRequestCertificate(
    string DomainName,
    IReadOnlyList<string>? SubjectAlternativeNames,
    string ValidationMethod,
    string IdempotencyToken,
    string KeyAlgorithm,
    AcmOptions Options,
    IReadOnlyList<AcmTag> Tags);

internal sealed record AcmByArn(string CertificateArn);

internal sealed record AcmArnAnswer(string? CertificateArn);

internal sealed record AcmNoAnswer;

internal sealed record AcmDescribeAnswer(AcmCertificate? Certificate);

internal sealed record AcmCertificate(
    string? CertificateArn,
    string? DomainName,
    IReadOnlyList<string>? SubjectAlternativeNames,
    IReadOnlyList<AcmValidation>? DomainValidationOptions,
    string? Status,
    string? Type,
    string? FailureReason,
    string? KeyAlgorithm,
    string? RenewalEligibility,
    AcmRenewal? RenewalSummary,
    AcmOptions? Options,
    double? CreatedAt);

internal sealed record AcmValidation(string? DomainName, string? ValidationStatus, AcmRecord? ResourceRecord);

internal sealed record AcmRecord(string? Name, string? Type, string? Value);

internal sealed record AcmRenewal(string? RenewalStatus, string? RenewalStatusReason, IReadOnlyList<AcmValidation>? DomainValidationOptions);

internal sealed record AcmGetAnswer(string? Certificate, string? CertificateChain);

/// <param name="CertificateArn">The certificate.</param>
/// <param name="Passphrase">Base64.</param>
internal sealed record AcmExport(string CertificateArn, byte[] Passphrase)
{
    public override string ToString() => $"AcmExport {{ {CertificateArn} }}";
}

internal sealed record AcmExportAnswer(string? Certificate, string? CertificateChain, string? PrivateKey)
{
    public override string ToString() => nameof(AcmExportAnswer);
}

internal sealed record AcmImport(string? CertificateArn, byte[] Certificate, byte[] PrivateKey, byte[]? CertificateChain, IReadOnlyList<AcmTag>? Tags)
{
    public override string ToString() => $"AcmImport {{ {CertificateArn} }}";
}

internal sealed record AcmFilters([property: JsonPropertyName("keyTypes")] IReadOnlyList<string> KeyTypes);

internal sealed record AcmList(int MaxItems, string? NextToken, AcmFilters Includes, string? SortBy, string? SortOrder);

internal sealed record AcmListAnswer(IReadOnlyList<AcmSummary>? CertificateSummaryList, string? NextToken);

internal sealed record AcmSummary(string? CertificateArn, string? DomainName, string? Status, string? Type);

internal sealed record AcmTagsAnswer(IReadOnlyList<AcmTag>? Tags);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AcmRequestCertificate))]
[JsonSerializable(typeof(AcmByArn))]
[JsonSerializable(typeof(AcmArnAnswer))]
[JsonSerializable(typeof(AcmNoAnswer))]
[JsonSerializable(typeof(AcmDescribeAnswer))]
[JsonSerializable(typeof(AcmGetAnswer))]
[JsonSerializable(typeof(AcmExport))]
[JsonSerializable(typeof(AcmExportAnswer))]
[JsonSerializable(typeof(AcmImport))]
[JsonSerializable(typeof(AcmList))]
[JsonSerializable(typeof(AcmListAnswer))]
[JsonSerializable(typeof(AcmTagsAnswer))]
internal sealed partial class AcmJsonContext : JsonSerializerContext;

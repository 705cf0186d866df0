using System.Text.Json.Serialization.Metadata;
using CertOperator.Providers.Aws;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.AwsAcm;

/// <summary>The requests to AWS Certificate Manager.</summary>
public sealed class AcmApi(AwsJsonApi api)
{
    private const string Service = "AWS Certificate Manager";

    /// <summary>The list leaves out all but RSA 2048 unless it is asked for by name.</summary>
    private static readonly AcmFilters AnyKey = new(["RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"]);

    /// <summary>Certificates that are looked through for one that a lost answer was about: it is among the newest.</summary>
    private const int MaxLookups = 200;

    /// <returns>The ARN.</returns>
    internal async Task<string> RequestAsync(AwsAccess access, AcmRequestCertificate request, CancellationToken cancellationToken)
    {
        var answer = await SendAsync("RequestCertificate", access, $"a certificate for {request.DomainName}", request, AcmJsonContext.Default.AcmRequestCertificate, AcmJsonContext.Default.AcmArnAnswer, cancellationToken);
        return ArnOf(answer, access, "RequestCertificate");
    }

    /// <returns>Null where there is no such certificate.</returns>
    internal async Task<AcmCertificate?> DescribeAsync(AwsAccess access, string arn, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await SendAsync("DescribeCertificate", access, arn, new AcmByArn(arn), AcmJsonContext.Default.AcmByArn, AcmJsonContext.Default.AcmDescribeAnswer, cancellationToken);
            return answer.Certificate is { Status: not null } certificate ? certificate : throw AwsFailures.Unreadable(access.EndpointOf("acm"), Call("DescribeCertificate", access, arn));
        }
        catch (IssuanceException e) when (e.Reason == AcmReasons.CertificateNotFound)
        {
            return null;
        }
    }

    internal async Task<AcmGetAnswer> GetAsync(AwsAccess access, string arn, CancellationToken cancellationToken)
    {
        var answer = await SendAsync("GetCertificate", access, arn, new AcmByArn(arn), AcmJsonContext.Default.AcmByArn, AcmJsonContext.Default.AcmGetAnswer, cancellationToken);
        return answer.Certificate is { Length: > 0 } ? answer : throw AwsFailures.Unreadable(access.EndpointOf("acm"), Call("GetCertificate", access, arn));
    }

    internal async Task<AcmExportAnswer> ExportAsync(AwsAccess access, string arn, byte[] passphrase, CancellationToken cancellationToken)
    {
        var answer = await SendAsync("ExportCertificate", access, arn, new AcmExport(arn, passphrase), AcmJsonContext.Default.AcmExport, AcmJsonContext.Default.AcmExportAnswer, cancellationToken);
        return answer is { Certificate.Length: > 0, PrivateKey.Length: > 0 } ? answer : throw AwsFailures.Unreadable(access.EndpointOf("acm"), Call("ExportCertificate", access, arn));
    }

    internal Task RenewAsync(AwsAccess access, string arn, CancellationToken cancellationToken)
        => SendAsync("RenewCertificate", access, arn, new AcmByArn(arn), AcmJsonContext.Default.AcmByArn, AcmJsonContext.Default.AcmNoAnswer, cancellationToken);

    internal Task DeleteAsync(AwsAccess access, string arn, CancellationToken cancellationToken)
        => SendAsync("DeleteCertificate", access, arn, new AcmByArn(arn), AcmJsonContext.Default.AcmByArn, AcmJsonContext.Default.AcmNoAnswer, cancellationToken);

    /// <returns>The ARN.</returns>
    internal async Task<string> ImportAsync(AwsAccess access, AcmImport import, CancellationToken cancellationToken)
    {
        var answer = await SendAsync("ImportCertificate", access, import.CertificateArn ?? "a certificate", import, AcmJsonContext.Default.AcmImport, AcmJsonContext.Default.AcmArnAnswer, cancellationToken);
        return ArnOf(answer, access, "ImportCertificate");
    }

    /// <summary>A certificate with a tag, among the newest of those that fit.</summary>
    /// <returns>Its ARN; null where there is none.</returns>
    internal async Task<string?> FindByTagAsync(AwsAccess access, Func<AcmTag, bool> isTag, Func<AcmSummary, bool> fits, CancellationToken cancellationToken)
    {
        string? next = null;
        var seen = 0;
        do
        {
            var page = await ListAsync(access, 100, next, cancellationToken);
            foreach (var found in (page.CertificateSummaryList ?? []).Where(c => c.CertificateArn is not null && fits(c)).Take(MaxLookups - seen))
            {
                seen++;
                var tags = await SendAsync("ListTagsForCertificate", access, found.CertificateArn!, new AcmByArn(found.CertificateArn!), AcmJsonContext.Default.AcmByArn, AcmJsonContext.Default.AcmTagsAnswer, cancellationToken);
                if (tags.Tags?.Any(isTag) == true)
                {
                    return found.CertificateArn;
                }
            }

            next = page.NextToken;
        }
        while (next is not null && seen < MaxLookups);
        return null;
    }

    internal Task<AcmListAnswer> ListAsync(AwsAccess access, int count, string? next, CancellationToken cancellationToken)
        => SendAsync("ListCertificates", access, "all certificates", new AcmList(count, next, AnyKey, "CREATED_AT", "DESCENDING"), AcmJsonContext.Default.AcmList, AcmJsonContext.Default.AcmListAnswer, cancellationToken);

    private Task<TAnswer> SendAsync<TBody, TAnswer>(string operation, AwsAccess access, string subject, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken)
    {
        var call = Call(operation, access, subject);
        return api.SendAsync($"CertificateManager.{operation}", "acm", body, bodyType, answerType, call, error => AcmErrors.Judge(error, call), cancellationToken);
    }

    private static string ArnOf(AcmArnAnswer answer, AwsAccess access, string operation)
        => AwsArn.TryParse(answer.CertificateArn) is { Service: "acm" } ? answer.CertificateArn! : throw AwsFailures.Unreadable(access.EndpointOf("acm"), Call(operation, access, "a certificate"));

    private static AwsCall Call(string operation, AwsAccess access, string subject) => new(Service, $"acm:{operation}", subject, access);
}

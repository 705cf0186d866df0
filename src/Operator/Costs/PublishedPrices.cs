using CertOperator.Crds.Policies;

namespace CertOperator.Operator.Costs;

/// <summary>
/// Prices of one certificate as the providers publish them. What is paid by the month whether or not anything is issued, such as for the
/// operation of a private CA, is no price of a certificate.
/// </summary>
public static class PublishedPrices
{
    private const string UsDollar = "USD";
    private const string AcmPricing = "https://aws.amazon.com/certificate-manager/pricing/";
    private const string AcmQuestions = "https://www.amazonaws.cn/en/certificate-manager/faqs/";

    private static readonly Dictionary<CertificateProviderKind, Price> Prices = new()
    {
        [CertificateProviderKind.LetsEncrypt] = Free("https://letsencrypt.org/docs/faq/", new DateOnly(2026, 11, 22)),

        // A CA that charges for its ACME endpoint does so in its own way: Settings say what.
        [CertificateProviderKind.Acme] = Free("no price is known of the CA", new DateOnly(2026, 11, 22)),
        [CertificateProviderKind.AwsAcm] = Free(AcmQuestions, new DateOnly(2026, 11, 23)),

        // Paid by the month and certificate, not by issuance.
        [CertificateProviderKind.GcpCm] = Free("https://cloud.google.com/certificate-manager/pricing", new DateOnly(2026, 11, 22)),
        [CertificateProviderKind.VaultPki] = Free("one's own server", new DateOnly(2026, 11, 22)),
        [CertificateProviderKind.PrivateCa] = Free("one's own key", new DateOnly(2026, 11, 22)),
        [CertificateProviderKind.Manual] = Free("no price is known of what a person gets elsewhere", new DateOnly(2026, 11, 22)),
    };

    /// <summary>A public certificate whose key may leave ACM is paid for when it is issued, and again with each renewal. It cost twice as much when it was valid for twice as long. As announced, by reports of that; AWS's page is where to look.</summary>
    private static readonly Price AcmExportable = new(0, 7, 79, UsDollar, AcmPricing, new DateOnly(2026, 2, 18));

    /// <param name="provider">The provider.</param>
    /// <param name="exportable">Whether the key may leave a provider that makes it.</param>
    public static Price Of(CertificateProviderKind provider, bool exportable)
        => provider == CertificateProviderKind.AwsAcm && exportable ? AcmExportable : Prices[provider];

    private static Price Free(string source, DateOnly asOf) => new(0, 0, 0, UsDollar, source, asOf);
}

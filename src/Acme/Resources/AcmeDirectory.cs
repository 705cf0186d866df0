namespace CertOperator.Acme;

/// <summary>Where a server's operations are (RFC 8555 section 7.1.1). What is null, the server does not offer.</summary>
public sealed record AcmeDirectory
{
    public required Uri NewNonce { get; init; }

    public required Uri NewAccount { get; init; }

    public required Uri NewOrder { get; init; }

    /// <summary>Pre-authorization (section 7.4.1); few CAs have it.</summary>
    public Uri? NewAuthorization { get; init; }

    public Uri? RevokeCertificate { get; init; }

    public Uri? KeyChange { get; init; }

    /// <summary>Renewal information (RFC 9773).</summary>
    public Uri? RenewalInfo { get; init; }

    public required AcmeDirectoryMeta Meta { get; init; }
}

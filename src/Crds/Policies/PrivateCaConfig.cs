using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Policies;

/// <summary>A certificate authority whose key pair is in a Secret; the operator signs with it.</summary>
public sealed record PrivateCaConfig
{
    /// <summary>Secret, in the policy's namespace, with the CA's certificate and, after it, its issuers (tls.crt), and with its key (tls.key).</summary>
    [Length(1, 253)]
    public string? SecretName { get; init; }

    /// <summary>Lifetime of a certificate; never beyond that of the CA. Default: 7776000, 90 days.</summary>
    [RangeMinimum(60)]
    [RangeMaximum(315360000)]
    public int? DurationSeconds { get; init; }

    /// <summary>Where the CA's revocation list is, for the certificates' CRL distribution point.</summary>
    [Items(0, 4)]
    [Length(1, 2048)]
    public IReadOnlyList<string>? CrlUrls { get; init; }

    /// <summary>Where the CA's own certificate is, for the certificates' authority information access.</summary>
    [Items(0, 4)]
    [Length(1, 2048)]
    public IReadOnlyList<string>? IssuerUrls { get; init; }

    /// <summary>The CA looks after itself: it is made where the Secret does not exist, and renewed with overlap before it ends.</summary>
    public PrivateCaRootConfig? Root { get; init; }
}

/// <summary>A self-signed CA that the operator makes and renews. Old and new are trusted side by side until the old one ends.</summary>
public sealed record PrivateCaRootConfig
{
    /// <summary>Common name of the CA.</summary>
    [Required]
    [Length(1, 64)]
    public string CommonName { get; init; } = "";

    /// <summary>Lifetime of the CA. Default: 63072000, two years.</summary>
    [RangeMinimum(60)]
    [RangeMaximum(631152000)]
    public int? DurationSeconds { get; init; }

    /// <summary>Age at which a new one is made and put into the trust bundle. Default: half of its lifetime.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(631152000)]
    public int? RenewAfterSeconds { get; init; }

    /// <summary>How long the trust bundle holds a new CA before it signs. Default: a day, or a quarter of what is left of the old one's lifetime where that is less.</summary>
    [RangeMinimum(0)]
    [RangeMaximum(31536000)]
    public int? TrustDelaySeconds { get; init; }

    /// <summary>ConfigMap, in the policy's namespace, whose key ca.crt holds every CA certificate that is to be trusted. It must not exist before, nor be that of another CA. Default: the Secret's name with -trust.</summary>
    [Length(1, 253)]
    public string? TrustConfigMapName { get; init; }

    /// <summary>Domains that it may issue for, with all below them; a name constraint in the CA's certificate. Default: any.</summary>
    [Items(0, 50)]
    [Length(1, 253)]
    public IReadOnlyList<string>? PermittedDomains { get; init; }
}

namespace CertOperator.Operator.Inventory;

/// <summary>A Secret that no policy manages, with what is in its certificate.</summary>
public sealed record UnmanagedCertificate
{
    /// <summary>The value of <see cref="Unreadable"/> where the API server does not let the operator read the Secret.</summary>
    public const string Forbidden = "Forbidden";

    /// <summary>The Secret, in the version that was read.</summary>
    public required UnmanagedSecret Secret { get; init; }

    /// <summary>The first name in the certificate; where there is none, its subject.</summary>
    public string? Hostname { get; init; }

    public string? Issuer { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>Why there is no certificate to speak of, one of <see cref="Providers.Pki.PkiReasons"/> or <see cref="Forbidden"/>; null where there is one.</summary>
    public string? Unreadable { get; init; }
}

using System.Globalization;
using System.Text;
using CertOperator.Crds;
using CertOperator.Kubernetes;
using CertOperator.Providers.Pki;
using CertOperator.Providers.PrivateCa;

namespace CertOperator.Operator.Authorities;

/// <summary>A CA that the operator looks after, as its Secret says: the pair that signs, the one to come and the one before. Pure.</summary>
public sealed record PrivateRootState
{
    public const string NextCertificate = "next.crt";
    public const string NextKey = "next.key";
    public const string PreviousCertificate = "previous.crt";
    public const string PreviousKey = "previous.key";

    /// <summary>What signs.</summary>
    public required CertificateFacts Active { get; init; }

    /// <summary>What will sign; null where there is none yet.</summary>
    public CertificateFacts? Next { get; init; }

    /// <summary>What has signed and is still trusted; null where there is none.</summary>
    public CertificateFacts? Previous { get; init; }

    /// <summary>Since when the bundle holds the next one; null while it does not.</summary>
    public DateTimeOffset? TrustedSince { get; init; }

    /// <summary>Since when the active one signs.</summary>
    public DateTimeOffset SigningSince { get; init; }

    /// <summary>The certificates to trust, in PEM: the one that signs first.</summary>
    public required string Bundle { get; init; }

    /// <summary>Whether the operator has made the CA in this Secret; any other is not touched.</summary>
    public static bool IsOwn(Secret secret) => secret.Metadata.Annotations?.ContainsKey(WellKnown.PrivateRoot) == true;

    /// <exception cref="PkiException">Somebody has written there what is no certificate.</exception>
    public static PrivateRootState Read(Secret secret, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(secret);
        var data = secret.Data ?? [];
        var all = new[] { WellKnown.TlsCertificateKey, NextCertificate, PreviousCertificate }.Select(k => (Key: k, Pem: data.TryGetValue(k, out var pem) ? Encoding.UTF8.GetString(pem) : null)).ToList();
        var facts = all.ToDictionary(c => c.Key, c => c.Pem is null ? null : Facts(c.Pem));
        return new PrivateRootState
        {
            Active = facts[WellKnown.TlsCertificateKey] ?? throw new PkiException(PkiReasons.NoCertificate, $"Secret {secret.Metadata.Name} has no key {WellKnown.TlsCertificateKey}."),
            Next = facts[NextCertificate],
            Previous = facts[PreviousCertificate],
            TrustedSince = Time(secret, WellKnown.PrivateRootTrustedSince),
            SigningSince = Time(secret, WellKnown.PrivateRootSigningSince) ?? facts[WellKnown.TlsCertificateKey]!.NotBefore,
            Bundle = string.Concat(all.Where(c => facts[c.Key]?.NotAfter > now).Select(c => c.Pem)),
        };
    }

    /// <summary>The Secret of a CA that is new.</summary>
    public static Secret New(NamespacedName name, RootPair pair, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(pair);
        return new Secret
        {
            Metadata = new ObjectMeta
            {
                Name = name.Name,
                Namespace = name.Namespace,
                Labels = new Dictionary<string, string> { [WellKnown.ManagedByLabel] = WellKnown.ManagedByValue },
                Annotations = new Dictionary<string, string> { [WellKnown.PrivateRoot] = "true", [WellKnown.PrivateRootSigningSince] = Text(now) },
            },
            Type = WellKnown.TlsSecretType,
            Data = new Dictionary<string, byte[]> { [WellKnown.TlsCertificateKey] = Encoding.ASCII.GetBytes(pair.CertificatePem), [WellKnown.TlsPrivateKeyKey] = Encoding.ASCII.GetBytes(pair.KeyPem) },
        };
    }

    /// <summary>The Secret with a pair to come.</summary>
    public static Secret WithNext(Secret secret, RootPair pair)
        => With(secret, (d, _) =>
        {
            d[NextCertificate] = Encoding.ASCII.GetBytes(pair.CertificatePem);
            d[NextKey] = Encoding.ASCII.GetBytes(pair.KeyPem);
        });

    /// <summary>The Secret with the note that the bundle holds the pair to come.</summary>
    public static Secret WithTrust(Secret secret, DateTimeOffset since) => With(secret, (_, a) => a[WellKnown.PrivateRootTrustedSince] = Text(since));

    /// <summary>The Secret in which the pair to come signs, and the one that has signed is kept.</summary>
    public static Secret Activated(Secret secret, DateTimeOffset now)
        => With(secret, (d, a) =>
        {
            (d[PreviousCertificate], d[PreviousKey]) = (d[WellKnown.TlsCertificateKey], d[WellKnown.TlsPrivateKeyKey]);
            (d[WellKnown.TlsCertificateKey], d[WellKnown.TlsPrivateKeyKey]) = (d[NextCertificate], d[NextKey]);
            d.Remove(NextCertificate);
            d.Remove(NextKey);
            a.Remove(WellKnown.PrivateRootTrustedSince);
            a[WellKnown.PrivateRootSigningSince] = Text(now);
        });

    /// <summary>The Secret without the pair that no certificate needs any more.</summary>
    public static Secret Retired(Secret secret)
        => With(secret, (d, _) =>
        {
            d.Remove(PreviousCertificate);
            d.Remove(PreviousKey);
        });

    private static Secret With(Secret secret, Action<Dictionary<string, byte[]>, Dictionary<string, string>> change)
    {
        ArgumentNullException.ThrowIfNull(secret);
        var (data, annotations) = (new Dictionary<string, byte[]>(secret.Data ?? []), new Dictionary<string, string>(secret.Metadata.Annotations ?? []));
        change(data, annotations);
        var metadata = new ObjectMeta
        {
            Name = secret.Metadata.Name,
            Namespace = secret.Metadata.Namespace,
            ResourceVersion = secret.Metadata.ResourceVersion,
            Labels = secret.Metadata.Labels,
            Annotations = annotations,
            OwnerReferences = secret.Metadata.OwnerReferences,
            Finalizers = secret.Metadata.Finalizers,
        };
        return new Secret { Metadata = metadata, Type = secret.Type, Data = data };
    }

    private static CertificateFacts Facts(string pem)
    {
        using var chain = CertificateChain.Parse(pem, PemLimits.Stored);
        return chain.Facts;
    }

    private static DateTimeOffset? Time(Secret secret, string annotation)
        => DateTimeOffset.TryParseExact(secret.Metadata.Annotations?.GetValueOrDefault(annotation), "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    // It holds no key, but a text of this length helps nobody.
    public override string ToString() => $"PrivateRootState {{ {Active.Subject} }}";
}

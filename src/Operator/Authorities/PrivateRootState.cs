using System.Globalization;
using System.Text;
using CertOperator.Crds;
using CertOperator.Kubernetes;
using CertOperator.Providers.Pki;
using CertOperator.Providers.PrivateCa;

namespace CertOperator.Operator.Authorities;

/// <summary>A CA that the operator looks after, as its Secret says: the pair that signs, the one to come and those before. Pure.</summary>
public sealed record PrivateRootState
{
    public const string NextCertificate = "next.crt";
    public const string NextKey = "next.key";

    /// <summary>All that have signed and have not ended, the last one first.</summary>
    public const string PreviousCertificate = "previous.crt";

    /// <summary>The key of the first of them.</summary>
    public const string PreviousKey = "previous.key";

    /// <summary>What signs.</summary>
    public required CertificateFacts Active { get; init; }

    /// <summary>What will sign; null where there is none yet.</summary>
    public CertificateFacts? Next { get; init; }

    /// <summary>Its certificate in PEM.</summary>
    public string? NextPem { get; init; }

    /// <summary>What has signed and is still trusted, the last one first.</summary>
    public IReadOnlyList<CertificateFacts> Previous { get; init; } = [];

    /// <summary>Since when the bundle holds the next one; null while it does not.</summary>
    public DateTimeOffset? TrustedSince { get; init; }

    /// <summary>The certificates to trust, in PEM: the one that signs first.</summary>
    public required string Bundle { get; init; }

    /// <summary>Whether the operator has made the CA in this Secret; any other is not touched.</summary>
    public static bool IsOwn(Secret secret) => secret.Metadata.Annotations?.ContainsKey(WellKnown.PrivateRoot) == true;

    /// <exception cref="PkiException">Somebody has written there what is no certificate.</exception>
    public static PrivateRootState Read(Secret secret, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(secret);
        var active = Pem(secret, WellKnown.TlsCertificateKey) ?? throw new PkiException(PkiReasons.NoCertificate, $"Secret {secret.Metadata.Name} has no key {WellKnown.TlsCertificateKey}.");
        var next = Pem(secret, NextCertificate);
        var previous = PreviousOf(secret);
        var trusted = new[] { active, next }.OfType<string>().Select(p => (Pem: p, Facts: Facts(p))).Concat(previous);
        return new PrivateRootState
        {
            Active = Facts(active),
            Next = next is null ? null : Facts(next),
            NextPem = next,
            Previous = [.. previous.Select(p => p.Facts)],
            TrustedSince = Time(secret, WellKnown.PrivateRootTrustedSince),
            Bundle = string.Concat(trusted.Where(c => c.Facts.NotAfter > now).Select(c => c.Pem)),
        };
    }

    /// <summary>The Secret of a CA that is new.</summary>
    public static Secret New(NamespacedName name, RootPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        return new Secret
        {
            Metadata = new ObjectMeta
            {
                Name = name.Name,
                Namespace = name.Namespace,
                Labels = new Dictionary<string, string> { [WellKnown.ManagedByLabel] = WellKnown.ManagedByValue },
                Annotations = new Dictionary<string, string> { [WellKnown.PrivateRoot] = "true" },
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

    /// <summary>The Secret without that note.</summary>
    public static Secret WithoutTrust(Secret secret) => With(secret, (_, a) => a.Remove(WellKnown.PrivateRootTrustedSince));

    /// <summary>The Secret in which the pair to come signs, and what has signed is kept.</summary>
    public static Secret Activated(Secret secret)
        => With(secret, (d, a) =>
        {
            var before = Encoding.UTF8.GetString(d[WellKnown.TlsCertificateKey]);
            d[PreviousCertificate] = Encoding.UTF8.GetBytes(string.Concat(PreviousOf(secret).Select(p => p.Pem).Prepend(before)));
            d[PreviousKey] = d[WellKnown.TlsPrivateKeyKey];
            (d[WellKnown.TlsCertificateKey], d[WellKnown.TlsPrivateKeyKey]) = (d[NextCertificate], d[NextKey]);
            d.Remove(NextCertificate);
            d.Remove(NextKey);
            a.Remove(WellKnown.PrivateRootTrustedSince);
        });

    /// <summary>The Secret without what has ended: no certificate needs it any more.</summary>
    public static Secret Retired(Secret secret, DateTimeOffset now)
        => With(secret, (d, _) =>
        {
            var previous = PreviousOf(secret);
            var rest = previous.Where(p => p.Facts.NotAfter > now).ToList();
            if (rest.Count == 0 || rest[0] != previous[0])
            {
                d.Remove(PreviousKey);
            }

            d.Remove(PreviousCertificate);
            if (rest.Count > 0)
            {
                d[PreviousCertificate] = Encoding.UTF8.GetBytes(string.Concat(rest.Select(p => p.Pem)));
            }
        });

    private static List<(string Pem, CertificateFacts Facts)> PreviousOf(Secret secret)
    {
        if (Pem(secret, PreviousCertificate) is not { } pem)
        {
            return [];
        }

        using var certificates = CaBundle.Parse(pem);
        return [.. certificates.Certificates.Select(c => (c.ExportCertificatePem() + "\n", CertificateFacts.From(c)))];
    }

    private static string? Pem(Secret secret, string key) => secret.Data?.GetValueOrDefault(key) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

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

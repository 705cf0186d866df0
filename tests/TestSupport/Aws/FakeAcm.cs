using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CertOperator.TestSupport.Certificates;

namespace CertOperator.TestSupport.Aws;

/// <summary>Certificate Manager, as its API reference (2015-12-08) has it: a real CA issues, keys go out encrypted, what is imported is looked at.</summary>
public sealed partial class FakeAcm : IDisposable
{
    private static readonly string[] KeyAlgorithms = ["RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"];

    private readonly ConcurrentDictionary<string, FakeAcmCertificate> _certificates = new();
    private readonly ConcurrentDictionary<string, (string Body, FakeAcmCertificate Certificate)> _tokens = new();
    private readonly TestAuthority _root;
    private readonly TestAuthority _authority;
    private readonly TimeProvider _timeProvider;

    internal FakeAcm(TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        _root = TestAuthority.CreateRoot(timeProvider, "Fake Amazon Root CA");
        _authority = _root.CreateIntermediate("Fake Amazon Issuing").CreateIntermediate("Fake Amazon M01");
    }

    public IReadOnlyCollection<FakeAcmCertificate> Certificates => [.. _certificates.Values];

    /// <summary>Whether the internet sees a record: its name and what it points to.</summary>
    public Func<string, string, bool> SeesRecord { get; set; } = (_, _) => true;

    /// <summary>Certificates that the account may have.</summary>
    public int Quota { get; set; } = 2500;

    /// <summary>Gives chains out root first.</summary>
    public bool ReversesChains { get; set; }

    public string RootPem => _root.Pem;

    /// <summary>A certificate that is there already.</summary>
    public FakeAcmCertificate Add(IReadOnlyList<string> names, bool exportable = false, string type = "AMAZON_ISSUED")
    {
        var certificate = new FakeAcmCertificate(type, names, _timeProvider.GetUtcNow()) { Exportable = exportable, IsEligible = true };
        _certificates[certificate.Arn] = certificate;
        Issue(certificate);
        return certificate;
    }

    /// <summary>Gives a certificate another pair, as ACM's own renewal does.</summary>
    public void Issue(FakeAcmCertificate certificate)
    {
        AsymmetricAlgorithm key = certificate.KeyAlgorithm switch
        {
            "RSA_2048" => RSA.Create(2048),
            "EC_secp384r1" => ECDsa.Create(ECCurve.NamedCurves.nistP384),
            _ => ECDsa.Create(ECCurve.NamedCurves.nistP256),
        };
        certificate.Leaf = _authority.Issue(new LeafRequest([.. certificate.Names]) { Key = key, NotAfter = _timeProvider.GetUtcNow().AddDays(198) });
        certificate.Status = "ISSUED";
    }

    public void Dispose()
    {
        foreach (FakeAcmCertificate certificate in _certificates.Values)
        {
            certificate.Leaf?.Dispose();
        }

        _root.Dispose();
    }

    internal FakeAwsAnswer Answer(FakeAwsRequest request, FakeBody body) => request.Action switch
    {
        "acm:RequestCertificate" => RequestCertificate(request, body),
        "acm:DescribeCertificate" => On(request, body, Describe),
        "acm:GetCertificate" => On(request, body, c => c.Leaf is null ? InProgress(c) : FakeAwsAnswer.Json(new JsonObject { ["Certificate"] = c.Leaf.Pem, ["CertificateChain"] = ChainOf(c) })),
        "acm:ExportCertificate" => Export(request, body),
        "acm:RenewCertificate" => On(request, body, Renew),
        "acm:DeleteCertificate" => On(request, body, c => _certificates.TryRemove(c.Arn, out _) ? FakeAwsAnswer.Json(new JsonObject()) : FakeAwsAnswer.Error("ConflictException", "")),
        "acm:ImportCertificate" => Import(request, body),
        "acm:ListCertificates" => List(request, body),
        "acm:ListTagsForCertificate" => On(request, body, c => FakeAwsAnswer.Json(new JsonObject { ["Tags"] = new JsonArray([.. c.Tags.Select(t => new JsonObject { ["Key"] = t.Key, ["Value"] = t.Value })]) })),
        _ => throw new FakeBodyException("unknown operation"),
    };

    private FakeAwsAnswer RequestCertificate(FakeAwsRequest request, FakeBody body)
    {
        string domain = body.Text("DomainName");
        string[] names = [domain, .. (body.OptionalList("SubjectAlternativeNames") ?? []).Select(n => (string)n!)];
        string token = body.Text("IdempotencyToken");
        string algorithm = body.Text("KeyAlgorithm");
        JsonObject options = body.OptionalObject("Options") ?? [];
        Dictionary<string, string> tags = TagsOf(body);
        if (body.Text("ValidationMethod") != "DNS" || !Token().IsMatch(token) || algorithm is not ("RSA_2048" or "EC_prime256v1" or "EC_secp384r1")
            || names.Any(n => !Domain().IsMatch(n)) || domain.Length > 64
            || options.Any(o => (o.Key, (string?)o.Value) is not (("Export" or "CertificateTransparencyLoggingPreference"), ("ENABLED" or "DISABLED"))))
        {
            throw new FakeBodyException("a field that ACM does not take");
        }

        body.RefuseUnknown();
        if (Denied(request, "*") is { } denied)
        {
            return denied;
        }

        if (_tokens.TryGetValue(token, out (string Body, FakeAcmCertificate Certificate) earlier) && earlier.Body == request.Body.ToJsonString() && _certificates.ContainsKey(earlier.Certificate.Arn))
        {
            return FakeAwsAnswer.Json(new JsonObject { ["CertificateArn"] = earlier.Certificate.Arn });
        }

        if (_certificates.Count >= Quota)
        {
            return FakeAwsAnswer.Error("LimitExceededException", "Error: you have reached your limit of certificates in the last year.");
        }

        var certificate = new FakeAcmCertificate("AMAZON_ISSUED", names, _timeProvider.GetUtcNow()) { KeyAlgorithm = algorithm, Exportable = (string?)options["Export"] == "ENABLED" };
        foreach ((string key, string value) in tags)
        {
            certificate.Tags[key] = value;
        }

        _certificates[certificate.Arn] = certificate;
        _tokens[token] = (request.Body.ToJsonString(), certificate);
        return FakeAwsAnswer.Json(new JsonObject { ["CertificateArn"] = certificate.Arn });
    }

    private FakeAwsAnswer Describe(FakeAcmCertificate certificate)
    {
        // The records are not there at once.
        bool named = certificate.Described++ > 0;
        if (named && certificate.Status == "PENDING_VALIDATION" && certificate.Names.All(Sees))
        {
            Issue(certificate);
        }

        if (certificate.RenewalStatus is "PENDING_AUTO_RENEWAL" or "PENDING_VALIDATION" && certificate.DescribedSinceRenewal++ > 0 && certificate.Names.All(Sees))
        {
            Issue(certificate);
            certificate.RenewalStatus = "SUCCESS";
        }

        var detail = new JsonObject
        {
            ["CertificateArn"] = certificate.Arn,
            ["CreatedAt"] = certificate.CreatedAt.ToUnixTimeMilliseconds() / 1000.0,
            ["DomainName"] = certificate.Names[0],
            ["DomainValidationOptions"] = Validations(certificate, named || certificate.Status != "PENDING_VALIDATION"),
            ["InUseBy"] = new JsonArray(),
            ["KeyAlgorithm"] = certificate.KeyAlgorithm.Replace('_', '-'),
            ["Options"] = new JsonObject { ["CertificateTransparencyLoggingPreference"] = "ENABLED", ["Export"] = certificate.Exportable ? "ENABLED" : "DISABLED" },
            ["RenewalEligibility"] = certificate.IsEligible ? "ELIGIBLE" : "INELIGIBLE",
            ["Status"] = certificate.Status,
            ["SubjectAlternativeNames"] = new JsonArray([.. certificate.Names.Select(n => JsonValue.Create(n))]),
            ["Type"] = certificate.Type,
        };
        if (certificate.FailureReason is not null)
        {
            detail["FailureReason"] = certificate.FailureReason;
        }

        if (certificate.RenewalStatus is { } renewal)
        {
            detail["RenewalSummary"] = new JsonObject { ["RenewalStatus"] = renewal, ["DomainValidationOptions"] = Validations(certificate, true), ["UpdatedAt"] = 0 };
        }

        return FakeAwsAnswer.Json(new JsonObject { ["Certificate"] = detail });
    }

    private JsonArray Validations(FakeAcmCertificate certificate, bool named)
        => new([.. certificate.Names.Select(n =>
        {
            (string name, string value) = FakeAcmCertificate.RecordFor(n);
            var validation = new JsonObject { ["DomainName"] = n, ["ValidationDomain"] = n, ["ValidationMethod"] = "DNS", ["ValidationStatus"] = named && Sees(n) ? "SUCCESS" : "PENDING_VALIDATION" };
            if (named)
            {
                validation["ResourceRecord"] = new JsonObject { ["Name"] = name, ["Type"] = "CNAME", ["Value"] = value };
            }

            return validation;
        })]);

    private bool Sees(string name)
    {
        (string record, string value) = FakeAcmCertificate.RecordFor(name);
        return SeesRecord(record, value);
    }

    private FakeAwsAnswer Export(FakeAwsRequest request, FakeBody body)
    {
        string passphrase = Encoding.ASCII.GetString(body.Bytes("Passphrase"));
        if (passphrase.Length is < 4 or > 128 || passphrase.Any(c => c is < ' ' or > '~' or '#' or '$' or '%'))
        {
            throw new FakeBodyException("a passphrase that ACM does not take");
        }

        return On(request, body, c =>
        {
            if (!c.Exportable)
            {
                return FakeAwsAnswer.Error("ValidationException", $"Certificate {c.Arn} is not exportable.");
            }

            if (c.Leaf is null)
            {
                return InProgress(c);
            }

            c.IsEligible = true;
            return FakeAwsAnswer.Json(new JsonObject
            {
                ["Certificate"] = c.Leaf.Pem,
                ["CertificateChain"] = ChainOf(c),
                ["PrivateKey"] = c.Leaf.Key.ExportEncryptedPkcs8PrivateKeyPem(passphrase, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 2048)) + "\n",
            });
        });
    }

    private static FakeAwsAnswer Renew(FakeAcmCertificate certificate)
    {
        if (certificate.RenewalStatus == "PENDING_AUTO_RENEWAL")
        {
            return FakeAwsAnswer.Error("RequestInProgressException", $"Renewal of {certificate.Arn} is in progress.");
        }

        if (!certificate.IsEligible)
        {
            return FakeAwsAnswer.Error("ValidationException", $"Certificate {certificate.Arn} is not eligible for renewal.");
        }

        certificate.RenewalStatus = "PENDING_AUTO_RENEWAL";
        certificate.DescribedSinceRenewal = 0;
        return FakeAwsAnswer.Json(new JsonObject());
    }

    private FakeAwsAnswer Import(FakeAwsRequest request, FakeBody body)
    {
        string? arn = body.OptionalText("CertificateArn");
        string pem = Encoding.ASCII.GetString(body.Bytes("Certificate"));
        string keyPem = Encoding.ASCII.GetString(body.Bytes("PrivateKey"));
        string? chainPem = body.OptionalBytes("CertificateChain") is { } chain ? Encoding.ASCII.GetString(chain) : null;
        Dictionary<string, string> tags = TagsOf(body);
        body.RefuseUnknown();
        if (Denied(request, arn ?? "*") is { } denied)
        {
            return denied;
        }

        if (arn is not null && tags.Count > 0)
        {
            return FakeAwsAnswer.Error("ValidationException", "Tagging is not permitted on re-import.");
        }

        FakeAcmCertificate? existing = arn is null ? null : _certificates.GetValueOrDefault(arn);
        if (arn is not null && existing is null)
        {
            return FakeAwsAnswer.Error("ResourceNotFoundException", $"Could not find certificate {arn}.");
        }

        if (existing is { Type: not "IMPORTED" })
        {
            return FakeAwsAnswer.Error("ValidationException", $"Certificate {arn} is not an imported certificate.");
        }

        if (!HoldsOne(pem) || !Matches(pem, keyPem))
        {
            return FakeAwsAnswer.Error("ValidationException", "The private key does not match the certificate, or a field is not supported.");
        }

        if (chainPem is null || !Links(pem, chainPem))
        {
            return FakeAwsAnswer.Error("ValidationException", "Could not validate the certificate with the certificate chain.");
        }

        string kind = KindOf(pem);
        if (existing is not null && existing.KeyAlgorithm != kind)
        {
            return FakeAwsAnswer.Error("ValidationException", $"The key type and size of certificate {arn} cannot be changed.");
        }

        existing ??= new FakeAcmCertificate("IMPORTED", [X509Certificate2.CreateFromPem(pem).GetNameInfo(X509NameType.DnsName, false)], _timeProvider.GetUtcNow()) { Status = "ISSUED", KeyAlgorithm = kind };
        foreach ((string key, string value) in tags)
        {
            existing.Tags[key] = value;
        }

        (existing.ImportedPem, existing.ImportedKeyPem, existing.ImportedChainPem) = (pem, keyPem, chainPem);
        existing.Imports++;
        _certificates[existing.Arn] = existing;
        return FakeAwsAnswer.Json(new JsonObject { ["CertificateArn"] = existing.Arn });
    }

    private FakeAwsAnswer List(FakeAwsRequest request, FakeBody body)
    {
        int max = body.OptionalNumber("MaxItems") ?? 1000;
        int from = int.Parse(body.OptionalText("NextToken") ?? "0", System.Globalization.CultureInfo.InvariantCulture);
        string[] keys = [.. ((JsonArray?)body.OptionalObject("Includes")?["keyTypes"] ?? ["RSA_2048"]).Select(k => (string)k!)];
        bool newestFirst = (body.OptionalText("SortBy"), body.OptionalText("SortOrder")) == ("CREATED_AT", "DESCENDING");
        body.RefuseUnknown();
        if (max is < 1 or > 1000 || keys.Except(KeyAlgorithms).Any() || !newestFirst)
        {
            throw new FakeBodyException("a field that ACM does not take");
        }

        if (Denied(request, "*") is { } denied)
        {
            return denied;
        }

        List<FakeAcmCertificate> all = [.. _certificates.Values.Where(c => keys.Contains(c.KeyAlgorithm)).OrderByDescending(c => c.CreatedAt)];
        var answer = new JsonObject
        {
            ["CertificateSummaryList"] = new JsonArray([.. all.Skip(from).Take(max).Select(c => new JsonObject { ["CertificateArn"] = c.Arn, ["DomainName"] = c.Names[0], ["Status"] = c.Status, ["Type"] = c.Type })]),
        };
        if (from + max < all.Count)
        {
            answer["NextToken"] = (from + max).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return FakeAwsAnswer.Json(answer);
    }

    private FakeAwsAnswer On(FakeAwsRequest request, FakeBody body, Func<FakeAcmCertificate, FakeAwsAnswer> answer)
    {
        string arn = body.Text("CertificateArn");
        body.RefuseUnknown();
        return Denied(request, arn)
            ?? (!arn.StartsWith($"arn:aws:acm:{FakeAws.Region}:{FakeAws.Account}:certificate/", StringComparison.Ordinal) || !_certificates.TryGetValue(arn, out FakeAcmCertificate? certificate)
                ? FakeAwsAnswer.Error("ResourceNotFoundException", $"Could not find certificate {arn} in account {FakeAws.Account}.")
                : answer(certificate));
    }

    private static FakeAwsAnswer? Denied(FakeAwsRequest request, string resource)
        => request.User.Denied.Contains(request.Action)
            ? FakeAwsAnswer.Error("AccessDeniedException", $"User: {request.User.Arn} is not authorized to perform: {request.Action} on resource: {resource} because no identity-based policy allows the {request.Action} action")
            : null;

    private static FakeAwsAnswer InProgress(FakeAcmCertificate certificate) => FakeAwsAnswer.Error("RequestInProgressException", $"Certificate {certificate.Arn} has not been issued yet.");

    private string ChainOf(FakeAcmCertificate certificate)
    {
        string chain = _authority.IntermediatesPem + _root.Pem;
        return ReversesChains ? string.Concat(chain.Split("-----END CERTIFICATE-----\n", StringSplitOptions.RemoveEmptyEntries).Reverse().Select(p => p + "-----END CERTIFICATE-----\n")) : chain;
    }

    private static Dictionary<string, string> TagsOf(FakeBody body)
        => (body.OptionalList("Tags") ?? []).ToDictionary(t => (string)t!["Key"]!, t => (string)t!["Value"]!, StringComparer.Ordinal);

    private static bool HoldsOne(string pem) => pem.Split("-----BEGIN CERTIFICATE-----").Length == 2;

    private static bool Matches(string pem, string keyPem)
    {
        try
        {
            using var pair = X509Certificate2.CreateFromPem(pem, keyPem);
            return pair.HasPrivateKey && keyPem.Contains("BEGIN PRIVATE KEY", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    private static string KindOf(string pem)
    {
        using var certificate = X509Certificate2.CreateFromPem(pem);
        using ECDsa? ecdsa = certificate.GetECDsaPublicKey();
        using RSA? rsa = certificate.GetRSAPublicKey();
        return ecdsa is null ? $"RSA_{rsa!.KeySize}" : ecdsa.KeySize == 384 ? "EC_secp384r1" : "EC_prime256v1";
    }

    /// <summary>Each issuer signs the one before it, beginning with the leaf.</summary>
    private static bool Links(string pem, string chainPem)
    {
        using var leaf = X509Certificate2.CreateFromPem(pem);
        var issuers = new X509Certificate2Collection();
        issuers.ImportFromPem(chainPem);
        X509Certificate2[] path = [leaf, .. issuers];
        return issuers.Count > 0 && Enumerable.Range(0, issuers.Count).All(i => path[i].IssuerName.RawData.AsSpan().SequenceEqual(path[i + 1].SubjectName.RawData)) && issuers.All(i => i.Thumbprint != leaf.Thumbprint);
    }

    [GeneratedRegex("^\\w{1,32}$")]
    private static partial Regex Token();

    [GeneratedRegex("^(\\*\\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])$")]
    private static partial Regex Domain();
}

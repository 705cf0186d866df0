using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using CertOperator.TestSupport.Certificates;

namespace CertOperator.TestSupport.Vault;

/// <summary>A PKI engine with one CA. Names come from the request, as roles take them unless they are told not to.</summary>
/// <param name="authority">Signs.</param>
/// <param name="timeProvider">Lifetimes count from its time.</param>
public sealed class FakePki(TestAuthority authority, TimeProvider timeProvider) : IFakeEngine
{
    public Dictionary<string, FakePkiRole> Roles { get; } = [];

    /// <summary>What is sent as the issuer.</summary>
    public string? IssuingCa { get; set; } = authority.Pem.Trim();

    /// <summary>What is sent as its chain: an engine may have been given less than all, in any order.</summary>
    public IReadOnlyList<string?>? CaChain { get; set; } = [authority.Pem.Trim()];

    /// <summary>Certificates signed so far.</summary>
    public int SignedCount { get; private set; }

    public bool IsCreation(string path) => false;

    public FakeVaultReply Handle(FakeVaultRequest request)
    {
        var parts = request.Path.Split('/');
        return (request.Method, parts) switch
        {
            ("GET", ["roles", var name]) => Roles.TryGetValue(name, out var role) ? new FakeVaultReply(Describe(role)) : throw new FakeVaultException(404),
            ("POST", ["sign", var name]) => Sign(Roles.GetValueOrDefault(name) ?? throw new FakeVaultException(400, $"unknown role: {name}"), request),
            _ => throw new FakeVaultException(405, "1 error occurred:\n\t* unsupported operation\n\n"),
        };
    }

    private static JsonObject Describe(FakePkiRole role)
        => new()
        {
            ["allowed_domains"] = new JsonArray([.. role.AllowedDomains.Select(d => JsonValue.Create(d))]),
            ["allow_subdomains"] = true,
            ["allow_ip_sans"] = role.AllowIpSans,
            ["key_type"] = role.KeyType,
            ["max_ttl"] = (long)role.MaxTtl.TotalSeconds,
        };

    private static List<string> NamesOf(CertificateRequest request)
        => [.. request.CertificateExtensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames().Concat(e.EnumerateIPAddresses().Select(a => a.ToString())))];

    private static string? CommonNameOf(CertificateRequest request)
        => request.SubjectName.Name.StartsWith("CN=", StringComparison.Ordinal) ? request.SubjectName.Name[3..] : null;

    private static CertificateRequest Load(string? pem)
    {
        try
        {
            // The hash is not used: nothing is signed with this object. The request's own signature is verified.
            return CertificateRequest.LoadSigningRequestPem(pem ?? "", HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new FakeVaultException(400, "certificate request could not be parsed: " + e.Message);
        }
    }

    private FakeVaultReply Sign(FakePkiRole role, FakeVaultRequest request)
    {
        request.AllowFields("csr", "common_name", "alt_names", "ip_sans", "uri_sans", "other_sans", "ttl", "not_after", "format", "exclude_cn_from_sans", "remove_roots_from_chain");
        if (request.Text("format") is not (null or "pem"))
        {
            throw new FakeVaultException(400, "the \"format\" path parameter must be \"pem\", \"der\", or \"pem_bundle\"");
        }

        var csr = Load(request.Text("csr"));
        var names = NamesOf(csr);
        var commonName = CommonNameOf(csr) ?? request.Text("common_name") ?? (role.RequireCommonName ? null : "") ?? throw new FakeVaultException(400, "the common_name field is required, or must be provided in a CSR with \"use_csr_common_name\" set to true, unless \"require_cn\" is set to false");
        if (commonName.Length > 0 && !role.Allows(commonName))
        {
            throw new FakeVaultException(400, $"common name {commonName} not allowed by this role");
        }

        if (names.Find(n => !role.Allows(n)) is { } refused)
        {
            throw new FakeVaultException(400, System.Net.IPAddress.TryParse(refused, out _) ? "IP Subject Alternative Names are not allowed in this role, but was provided some via CSR" : $"subject alternate name {refused} not allowed by this role");
        }

        using AsymmetricAlgorithm? key = (AsymmetricAlgorithm?)csr.PublicKey.GetECDsaPublicKey() ?? csr.PublicKey.GetRSAPublicKey();
        if (role.KeyType != "any" && role.KeyType != (key is RSA ? "rsa" : "ec"))
        {
            throw new FakeVaultException(400, $"role requires keys of type {role.KeyType}");
        }

        var now = timeProvider.GetUtcNow();
        var ttl = request.Text("ttl") is { } text ? TimeSpan.FromSeconds(int.Parse(text.TrimEnd('s'), CultureInfo.InvariantCulture)) : role.Ttl;
        var end = now + (ttl > role.MaxTtl ? role.MaxTtl : ttl);
        if (end > authority.Certificate.NotAfter.ToUniversalTime())
        {
            throw new FakeVaultException(400, $"cannot satisfy request, as TTL would result in notAfter of {end:O} that is beyond the expiration of the CA certificate at {authority.Certificate.NotAfter.ToUniversalTime():O}");
        }

        using var issued = authority.Issue(new LeafRequest([.. names])
        {
            CommonName = commonName.Length == 0 ? null : commonName,
            Key = key,
            NotBefore = now.AddSeconds(-30),
            NotAfter = end,
        });
        SignedCount++;
        var data = new JsonObject
        {
            ["certificate"] = issued.Pem.Trim(),
            ["expiration"] = end.ToUnixTimeSeconds(),
            ["serial_number"] = string.Join(':', issued.Certificate.SerialNumber.Chunk(2).Select(c => new string(c).ToLowerInvariant())),
            ["issuing_ca"] = IssuingCa,
        };
        if (CaChain is { } chain)
        {
            data["ca_chain"] = new JsonArray([.. chain.Select(c => JsonValue.Create(c?.Trim()))]);
        }

        return new FakeVaultReply(data);
    }
}

/// <summary>What a role lets be signed.</summary>
/// <param name="AllowedDomains">Domains whose names and subdomains may be in a certificate.</param>
public sealed record FakePkiRole(params string[] AllowedDomains)
{
    public bool AllowIpSans { get; init; } = true;

    /// <summary>Whether there has to be a common name, as in the real one unless a role says otherwise.</summary>
    public bool RequireCommonName { get; init; } = true;

    /// <summary>any, ec or rsa.</summary>
    public string KeyType { get; init; } = "any";

    public TimeSpan Ttl { get; init; } = TimeSpan.FromDays(30);

    public TimeSpan MaxTtl { get; init; } = TimeSpan.FromDays(90);

    public bool Allows(string name)
        => System.Net.IPAddress.TryParse(name, out _) ? AllowIpSans : AllowedDomains.Any(d => name == d || name.EndsWith("." + d, StringComparison.Ordinal));
}

using System.Security.Cryptography;
using System.Text;

namespace CertOperator.Acme;

/// <summary>
/// A key pair that signs JWS: an account's, or a certificate's own for revocation by certificate key. Safe for concurrent use.
/// </summary>
public sealed class AccountKey : IJwsSigner, IDisposable
{
    // A PKCS#8 RSA-4096 key is 3.3 kB of PEM; nothing legitimate comes near this.
    private const int MaxPemChars = 16_384;
    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 8192;

    private readonly ECDsa? _ecdsa;
    private readonly RSA? _rsa;
    private readonly Lock _signing = new();
    private readonly byte[] _jwk;

    private AccountKey(AccountKeyAlgorithm algorithm, ECDsa? ecdsa, RSA? rsa)
    {
        Algorithm = algorithm;
        _ecdsa = ecdsa;
        _rsa = rsa;
        _jwk = ecdsa is not null
            ? JsonWebKey.Canonical(ecdsa.ExportParameters(includePrivateParameters: false))
            : JsonWebKey.Canonical(rsa!.ExportParameters(includePrivateParameters: false));
        Thumbprint = JsonWebKey.Thumbprint(_jwk);
    }

    public AccountKeyAlgorithm Algorithm { get; }

    /// <summary>SHA-256 JWK thumbprint, base64url without padding (RFC 7638).</summary>
    public string Thumbprint { get; }

    /// <summary>The public key as a JWK: required members only, in the order that RFC 7638 hashes.</summary>
    public string Jwk => Encoding.UTF8.GetString(_jwk);

    string IJwsSigner.Algorithm => Algorithm switch
    {
        AccountKeyAlgorithm.ES256 => "ES256",
        AccountKeyAlgorithm.ES384 => "ES384",
        _ => "RS256",
    };

    int IJwsSigner.MaxSignatureBytes => Algorithm switch
    {
        AccountKeyAlgorithm.ES256 => 64,
        AccountKeyAlgorithm.ES384 => 96,
        _ => (_rsa!.KeySize + 7) / 8,
    };

    internal ReadOnlySpan<byte> JwkUtf8 => _jwk;

    /// <summary>Makes a new key; RSA keys have 2,048 bits.</summary>
    public static AccountKey Create(AccountKeyAlgorithm algorithm) => algorithm switch
    {
        AccountKeyAlgorithm.ES256 => new AccountKey(algorithm, ECDsa.Create(ECCurve.NamedCurves.nistP256), null),
        AccountKeyAlgorithm.ES384 => new AccountKey(algorithm, ECDsa.Create(ECCurve.NamedCurves.nistP384), null),
        AccountKeyAlgorithm.RS256 => new AccountKey(algorithm, null, RSA.Create(MinRsaBits)),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <summary>Reads an unencrypted private key in PKCS#8, SEC 1 or PKCS#1 PEM: ECDSA P-256 or P-384, or RSA with 2,048 to 8,192 bits.</summary>
    /// <exception cref="AcmeCredentialException">Anything else.</exception>
    public static AccountKey FromPem(string pem)
    {
        ArgumentNullException.ThrowIfNull(pem);
        if (pem.Length > MaxPemChars)
        {
            throw new AcmeCredentialException($"The key is {pem.Length} characters long; a PEM private key has at most {MaxPemChars}.");
        }

        // ImportFromPem is content with a public key, which would fail much later, at the first signature.
        if (!pem.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            throw new AcmeCredentialException("The PEM holds no private key.");
        }

        if (pem.Contains("ENCRYPTED PRIVATE KEY", StringComparison.Ordinal))
        {
            throw new AcmeCredentialException("The key is encrypted with a passphrase; give an unencrypted PEM private key.");
        }

        return TryEcdsa(pem) ?? TryRsa(pem)
            ?? throw new AcmeCredentialException("The key is not an ECDSA or RSA private key in PEM (PKCS#8, SEC 1 or PKCS#1).");
    }

    /// <summary>The private key as unencrypted PKCS#8 PEM. Secret.</summary>
    public string ToPkcs8Pem() => _ecdsa?.ExportPkcs8PrivateKeyPem() ?? _rsa!.ExportPkcs8PrivateKeyPem();

    public void Dispose()
    {
        _ecdsa?.Dispose();
        _rsa?.Dispose();
    }

    int IJwsSigner.Sign(ReadOnlySpan<byte> input, Span<byte> destination)
    {
        // .NET's key objects promise nothing about threads; one account signs for every worker.
        lock (_signing)
        {
            return Algorithm switch
            {
                AccountKeyAlgorithm.ES256 => _ecdsa!.SignData(input, destination, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
                AccountKeyAlgorithm.ES384 => _ecdsa!.SignData(input, destination, HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
                _ => _rsa!.SignData(input, destination, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            };
        }
    }

    private static AccountKey? TryEcdsa(string pem)
    {
        var ecdsa = ECDsa.Create();
        try
        {
            ecdsa.ImportFromPem(pem);
            return new AccountKey(AlgorithmOf(ecdsa), ecdsa, null);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            ecdsa.Dispose();
            return null;
        }
        catch (AcmeCredentialException)
        {
            ecdsa.Dispose();
            throw;
        }
    }

    private static AccountKey? TryRsa(string pem)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(pem);
            if (rsa.KeySize is < MinRsaBits or > MaxRsaBits)
            {
                throw new AcmeCredentialException($"The RSA key has {rsa.KeySize} bits; it must have {MinRsaBits} to {MaxRsaBits}.");
            }

            return new AccountKey(AccountKeyAlgorithm.RS256, null, rsa);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            rsa.Dispose();
            return null;
        }
        catch (AcmeCredentialException)
        {
            rsa.Dispose();
            throw;
        }
    }

    private static AccountKeyAlgorithm AlgorithmOf(ECDsa ecdsa) => ecdsa.ExportParameters(includePrivateParameters: false).Curve.Oid.Value switch
    {
        "1.2.840.10045.3.1.7" => AccountKeyAlgorithm.ES256,
        "1.3.132.0.34" => AccountKeyAlgorithm.ES384,
        _ => throw new AcmeCredentialException("The ECDSA key is on a curve other than P-256 and P-384."),
    };
}

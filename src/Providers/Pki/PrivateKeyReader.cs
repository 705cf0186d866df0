using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography;

namespace CertOperator.Providers.Pki;

/// <summary>Reads private keys in the three forms that tools write.</summary>
internal static class PrivateKeyReader
{
    private const string EcPublicKey = "1.2.840.10045.2.1";
    private const string RsaEncryption = "1.2.840.113549.1.1.1";
    private const int SmallestRsa = 2048;
    private const int LargestRsa = 8192;

    private static readonly HashSet<string> Curves = ["1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"];

    public static (AsymmetricAlgorithm Key, KeyAlgorithm Algorithm) Read(string pem, int maxBytes)
    {
        var blocks = PemText.Blocks(pem, maxBytes, "private key", allowText: true);
        try
        {
            // openssl ecparam writes the curve in a block of its own in front of the key.
            var keys = blocks.FindAll(b => b.Label != "EC PARAMETERS");
            return keys switch
            {
                [] => throw new PkiException(PkiReasons.NotPem, "The private key has no PEM block."),
                [var block] => Import(block),
                _ => throw new PkiException(PkiReasons.InvalidKey, string.Create(CultureInfo.InvariantCulture, $"The private key has {keys.Count} PEM blocks where one belongs.")),
            };
        }
        finally
        {
            blocks.ForEach(b => CryptographicOperations.ZeroMemory(b.Der));
        }
    }

    private static (AsymmetricAlgorithm, KeyAlgorithm) Import(PemBlock block)
    {
        try
        {
            return block.Label switch
            {
                "PRIVATE KEY" => ImportPkcs8(block.Der),
                "EC PRIVATE KEY" => (Whole(ECDsa.Create(), k => k.ImportECPrivateKey(block.Der, out var read), Check), KeyAlgorithm.Ecdsa),
                "RSA PRIVATE KEY" => (Whole(RSA.Create(), k => k.ImportRSAPrivateKey(block.Der, out var read), Check), KeyAlgorithm.Rsa),
                "ENCRYPTED PRIVATE KEY" => throw new PkiException(PkiReasons.EncryptedKey, "The private key is encrypted; store it without a passphrase."),
                _ => throw new PkiException(PkiReasons.InvalidKey, "The PEM block is not a private key."),
            };
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException or PlatformNotSupportedException)
        {
            throw new PkiException(PkiReasons.InvalidKey, "The private key cannot be read.", e);
        }
    }

    private static (AsymmetricAlgorithm, KeyAlgorithm) ImportPkcs8(byte[] der)
    {
        // RFC 5208, section 5: version, algorithm, key.
        var sequence = new AsnReader(der, AsnEncodingRules.BER).ReadSequence();
        sequence.ReadInteger();
        var algorithm = sequence.ReadSequence().ReadObjectIdentifier();
        return algorithm switch
        {
            EcPublicKey => (Whole(ECDsa.Create(), k => k.ImportPkcs8PrivateKey(der, out _), Check), KeyAlgorithm.Ecdsa),
            RsaEncryption => (Whole(RSA.Create(), k => k.ImportPkcs8PrivateKey(der, out _), Check), KeyAlgorithm.Rsa),
            _ => throw new PkiException(PkiReasons.UnsupportedKey, $"The private key is neither RSA nor ECDSA (algorithm {algorithm})."),
        };
    }

    private static T Whole<T>(T key, Action<T> import, Action<T> check)
        where T : AsymmetricAlgorithm
    {
        try
        {
            import(key);
            check(key);
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private static void Check(ECDsa key)
    {
        if (key.ExportParameters(includePrivateParameters: false).Curve.Oid?.Value is not { } curve || !Curves.Contains(curve))
        {
            throw new PkiException(PkiReasons.UnsupportedKey, "The private key is on a curve other than P-256, P-384 and P-521.");
        }
    }

    private static void Check(RSA key)
    {
        if (key.KeySize is < SmallestRsa or > LargestRsa)
        {
            throw new PkiException(PkiReasons.UnsupportedKey, string.Create(CultureInfo.InvariantCulture, $"The RSA key has {key.KeySize} bits; use {SmallestRsa} to {LargestRsa}."));
        }
    }
}

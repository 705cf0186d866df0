using System.Security.Cryptography;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.AwsAcm;

/// <summary>The private keys that ACM gives out: encrypted with a passphrase that lives as long as the request.</summary>
internal static class AcmKeys
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int PassphraseLength = 43;

    /// <summary>ACM takes 4 to 128 characters of ASCII, but none of # $ %: letters and digits are enough for 256 bits.</summary>
    public static string NewPassphrase() => RandomNumberGenerator.GetString(Alphabet, PassphraseLength);

    /// <summary>Decrypts a key into PKCS#8 PEM.</summary>
    /// <exception cref="IssuanceException">It is no key that this passphrase opens.</exception>
    public static string Open(string encryptedPem, string passphrase, string arn)
    {
        if (encryptedPem.Length > PemLimits.Issued.KeyBytes)
        {
            throw Unreadable(arn, null);
        }

        try
        {
            using var rsa = RSA.Create();
            rsa.ImportFromEncryptedPem(encryptedPem, passphrase);
            return rsa.ExportPkcs8PrivateKeyPem() + "\n";
        }
        catch (CryptographicException)
        {
            return OpenEcdsa(encryptedPem, passphrase, arn);
        }
        catch (ArgumentException e)
        {
            throw Unreadable(arn, e);
        }
    }

    /// <summary>The platform tells only by trying that a key is not RSA.</summary>
    private static string OpenEcdsa(string encryptedPem, string passphrase, string arn)
    {
        try
        {
            using var ecdsa = ECDsa.Create();
            ecdsa.ImportFromEncryptedPem(encryptedPem, passphrase);
            return ecdsa.ExportPkcs8PrivateKeyPem() + "\n";
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw Unreadable(arn, e);
        }
    }

    private static IssuanceException Unreadable(string arn, Exception? inner)
        => new(IssuanceFailure.Transient, Aws.AwsReasons.UnexpectedAnswer, $"ACM gave out a private key for {arn} that cannot be opened with the passphrase that it was given for. The operator asks again.", inner: inner);
}

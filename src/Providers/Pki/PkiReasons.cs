namespace CertOperator.Providers.Pki;

/// <summary>Constants that name what is wrong with keys and certificates; they appear in conditions and may be matched on.</summary>
public static class PkiReasons
{
    public const string TooLarge = "TooLarge";
    public const string NotPem = "NotPem";
    public const string NoCertificate = "NoCertificate";
    public const string PrivateKeyInChain = "PrivateKeyInChain";
    public const string DuplicateCertificate = "DuplicateCertificate";
    public const string WrongOrder = "WrongOrder";
    public const string UnrelatedCertificate = "UnrelatedCertificate";
    public const string BrokenChain = "BrokenChain";
    public const string InvalidCertificate = "InvalidCertificate";
    public const string InvalidKey = "InvalidKey";
    public const string EncryptedKey = "EncryptedKey";
    public const string UnsupportedKey = "UnsupportedKey";
    public const string KeyMismatch = "KeyMismatch";
    public const string NameMissing = "NameMissing";
    public const string UnexpectedName = "UnexpectedName";
    public const string NotYetValid = "NotYetValid";
    public const string Expired = "Expired";
    public const string NotALeaf = "NotALeaf";
    public const string NotAServerCertificate = "NotAServerCertificate";
    public const string DoesNotExist = "DoesNotExist";
    public const string MissingData = "MissingData";
    public const string InvalidKeyPair = "InvalidKeyPair";
}

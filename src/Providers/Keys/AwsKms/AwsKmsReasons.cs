namespace CertOperator.Providers.Keys.AwsKms;

/// <summary>Reasons of the key backend aws_kms in the status of runs; part of the API, so they do not change.</summary>
public static class AwsKmsReasons
{
    public const string KeyNotFound = "KeyNotFound";
    public const string KeyNotUsable = "KeyNotUsable";
    public const string WrongKeyUsage = "WrongKeyUsage";
    public const string WrongKeySpec = "WrongKeySpec";
    public const string SignatureMismatch = "SignatureMismatch";
}

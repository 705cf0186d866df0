namespace CertOperator.TestSupport.Aws;

/// <summary>Somebody who signs requests: a user, or whoever has assumed a role.</summary>
public sealed class FakeAwsUser(string arn, string accessKeyId, string secretAccessKey, string? sessionToken)
{
    public string Arn => arn;

    public string AccessKeyId => accessKeyId;

    public string SecretAccessKey => secretAccessKey;

    /// <summary>Must come with every request; null for a lasting key.</summary>
    public string? SessionToken => sessionToken;

    /// <summary>Whether a temporary key is over.</summary>
    public bool IsExpired { get; set; }

    /// <summary>Actions that no policy allows, such as kms:Sign.</summary>
    public ISet<string> Denied { get; } = new HashSet<string>(StringComparer.Ordinal);
}

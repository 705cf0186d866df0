namespace CertOperator.Providers.Aws;

/// <summary>An access key; with a token where it is a temporary one.</summary>
public sealed record AwsAccessKey(string Id, string Secret, string? SessionToken)
{
    public override string ToString() => $"AwsAccessKey {{ {Id} }}";
}

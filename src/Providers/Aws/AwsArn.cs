namespace CertOperator.Providers.Aws;

/// <summary>An Amazon Resource Name: arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE.</summary>
public sealed record AwsArn(string Partition, string Service, string Region, string Account, string Resource)
{
    /// <returns>Null where the text is none; whether such a resource exists is another question.</returns>
    public static AwsArn? TryParse(string? text)
        => text?.Split(':', 6) is ["arn", { Length: > 0 } partition, { Length: > 0 } service, var region, var account, { Length: > 0 } resource]
            ? new AwsArn(partition, service, region, account, resource)
            : null;

    public override string ToString() => $"arn:{Partition}:{Service}:{Region}:{Account}:{Resource}";
}

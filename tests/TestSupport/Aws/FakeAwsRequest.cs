using System.Text.Json.Nodes;

namespace CertOperator.TestSupport.Aws;

/// <summary>A request that was signed as it must be.</summary>
/// <param name="Action">As IAM policies name it, such as kms:Sign.</param>
/// <param name="Body">What was asked.</param>
/// <param name="User">Who asks.</param>
public sealed record FakeAwsRequest(string Action, JsonObject Body, FakeAwsUser User);

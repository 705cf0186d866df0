namespace CertOperator.TestSupport;

/// <summary>What the API server let a service account do.</summary>
/// <param name="User">Such as <c>system:serviceaccount:NAMESPACE:NAME</c>.</param>
/// <param name="Right">Verb and resource, such as <c>get secrets</c> and <c>update certificaterenewalruns/status.certoperator.io</c>.</param>
/// <param name="Role">Name of the Role or ClusterRole that holds it.</param>
public sealed record AllowedRequest(string User, string Right, string Role);

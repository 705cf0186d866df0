using CertOperator.Kubernetes;

namespace CertOperator.Operator.Challenges.Http01;

/// <summary>What the status of a run calls that which is made for http-01; by it the object is found again when it has to go.</summary>
public static class AnswerKinds
{
    public const string Ingress = "Ingress";
    public const string Route = HttpRoute.KindName;
    public const string ConfigMap = "ConfigMap";
}

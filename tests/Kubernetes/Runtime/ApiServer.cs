using System.Security.Cryptography;
using CertOperator.TestSupport;

namespace CertOperator.Kubernetes.Tests.Runtime;

/// <summary>Clients of a real API server.</summary>
internal static class ApiServer
{
    /// <summary>A client with connections of its own, as another process would have.</summary>
    public static KubernetesClient Connect(ControlPlane controlPlane) =>
        new(KubernetesClientConfiguration.Load(controlPlane.KubeconfigPath), TimeProvider.System, UnobservedRequests.Instance);

    public static Random NewRandom() => new(RandomNumberGenerator.GetInt32(int.MaxValue));
}

using System.Security.Cryptography;
using CertOperator.TestSupport;

namespace CertOperator.Kubernetes.Tests.Runtime;

/// <summary>Clients of a real API server.</summary>
internal static class ApiServer
{
    /// <summary>A client with connections of its own, as another process would have.</summary>
    public static KubernetesClient Connect(ControlPlane controlPlane) =>
        new(KubernetesClientConfiguration.Load(controlPlane.KubeconfigPath), TimeProvider.System, new NoObserver());

    public static Random NewRandom() => new(RandomNumberGenerator.GetInt32(int.MaxValue));

    private sealed class NoObserver : IKubernetesRequestObserver
    {
        public void RequestCompleted(string verb, string resource, int code, TimeSpan duration)
        {
        }
    }
}

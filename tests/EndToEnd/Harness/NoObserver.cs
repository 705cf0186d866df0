using CertOperator.Kubernetes;

namespace CertOperator.EndToEnd.Harness;

/// <summary>For clients of the tests themselves, which nobody measures.</summary>
internal sealed class NoObserver : IKubernetesRequestObserver
{
    public void RequestCompleted(string verb, string resource, int code, TimeSpan duration)
    {
    }
}

namespace CertOperator.Kubernetes;

/// <summary>For programs that serve no metrics.</summary>
public sealed class UnobservedRequests : IKubernetesRequestObserver
{
    public static UnobservedRequests Instance { get; } = new();

    private UnobservedRequests()
    {
    }

    public void RequestCompleted(string verb, string resource, int code, TimeSpan duration)
    {
    }
}

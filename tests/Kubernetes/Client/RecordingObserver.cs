using System.Collections.Concurrent;

namespace CertOperator.Kubernetes.Tests.Client;

internal sealed class RecordingObserver : IKubernetesRequestObserver
{
    public ConcurrentQueue<string> Requests { get; } = new();

    public void RequestCompleted(string verb, string resource, int code, TimeSpan duration) => Requests.Enqueue($"{verb} {resource} {code}");
}

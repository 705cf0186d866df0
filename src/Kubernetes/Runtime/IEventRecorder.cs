namespace CertOperator.Kubernetes;

/// <summary>Writes Kubernetes Events about objects.</summary>
public interface IEventRecorder
{
    /// <summary>Never throws and never waits: an event that cannot be written is dropped.</summary>
    /// <param name="regarding">The object that it is about; apiVersion, kind, name and uid must be set for kubectl to find it.</param>
    /// <param name="type">Warning for what somebody may have to look at.</param>
    /// <param name="reason">A constant in CamelCase: why.</param>
    /// <param name="action">A constant in CamelCase: what was done or tried.</param>
    /// <param name="note">A sentence for people; cut at 1 kB. Events that differ in it only are not merged into a series.</param>
    /// <param name="related">A second object that plays a part.</param>
    void Record(IKubernetesObject regarding, EventType type, string reason, string action, string note, IKubernetesObject? related = null);
}

namespace CertOperator.Kubernetes;

/// <summary>What every object of the Kubernetes API carries.</summary>
public interface IKubernetesObject
{
    /// <summary>Group and version, "v1" for the core group.</summary>
    string ApiVersion { get; set; }

    string Kind { get; set; }

    ObjectMeta Metadata { get; set; }
}

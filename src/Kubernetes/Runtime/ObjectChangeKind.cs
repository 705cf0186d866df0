namespace CertOperator.Kubernetes;

/// <summary>What happened to an object.</summary>
public enum ObjectChangeKind
{
    Added,

    /// <summary>It changed. After a gap in the watch it may also have been deleted and made anew: then its uid differs.</summary>
    Modified,

    Deleted,
}

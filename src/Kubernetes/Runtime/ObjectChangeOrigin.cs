namespace CertOperator.Kubernetes;

/// <summary>How an informer came to know of a change.</summary>
public enum ObjectChangeOrigin
{
    /// <summary>From the watch, or found in the list after a gap in it.</summary>
    Live,

    /// <summary>The object was there already when the informer, or the handler, began.</summary>
    Initial,

    /// <summary>Nothing changed; the period for a second look is over.</summary>
    Resync,
}

namespace CertOperator.Kubernetes;

/// <summary>The place of one object in the store.</summary>
internal sealed class StoreSlot<T>(T current, T? delivered)
    where T : class, IKubernetesObject
{
    /// <summary>The newest known state: what readers get.</summary>
    public T Current { get; set; } = current;

    /// <summary>The state that handlers were told last; null if they have not heard of the object yet.</summary>
    public T? Delivered { get; set; } = delivered;

    /// <summary>A write of our own put <see cref="Current"/> here, and the watch has not confirmed it yet.</summary>
    public bool IsAheadOfStream => !ReferenceEquals(Current, Delivered);

    /// <summary>Per index, the values under which the slot is filed. Kept, since readers might have changed the object.</summary>
    public List<string[]> IndexValues { get; } = [];

    /// <summary>The number of the last list that had the object.</summary>
    public int SeenInList { get; set; }
}

namespace CertOperator.Kubernetes;

/// <summary>One index of an object store. Guarded by the store's lock.</summary>
internal sealed class StoreIndex<T>(string name, int position, Func<T, IEnumerable<string>> getValues)
    where T : class, IKubernetesObject
{
    // Slots, not objects: a new state with the same values, the usual case, needs no change here.
    private readonly Dictionary<string, List<StoreSlot<T>>> _slots = new(StringComparer.Ordinal);

    public string Name => name;

    public string[] ValuesOf(T obj) => [.. getValues(obj).Distinct(StringComparer.Ordinal)];

    public T[] Find(string value) =>
        _slots.TryGetValue(value, out List<StoreSlot<T>>? slots) ? [.. slots.Select(s => s.Current)] : [];

    public void Add(StoreSlot<T> slot, string[] values)
    {
        slot.IndexValues.Insert(position, values);
        File(slot, values);
    }

    public void Change(StoreSlot<T> slot, string[] values)
    {
        if (!values.AsSpan().SequenceEqual(slot.IndexValues[position]))
        {
            Remove(slot);
            slot.IndexValues[position] = values;
            File(slot, values);
        }
    }

    public void Remove(StoreSlot<T> slot)
    {
        foreach (string value in slot.IndexValues[position])
        {
            List<StoreSlot<T>> slots = _slots[value];
            slots[slots.IndexOf(slot)] = slots[^1];
            slots.RemoveAt(slots.Count - 1);
            if (slots.Count == 0)
            {
                _slots.Remove(value);
            }
        }
    }

    private void File(StoreSlot<T> slot, string[] values)
    {
        foreach (string value in values)
        {
            if (!_slots.TryGetValue(value, out List<StoreSlot<T>>? slots))
            {
                // Most values belong to one object.
                slots = new List<StoreSlot<T>>(1);
                _slots.Add(value, slots);
            }

            slots.Add(slot);
        }
    }
}

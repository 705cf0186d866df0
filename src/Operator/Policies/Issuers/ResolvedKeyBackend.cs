namespace CertOperator.Operator.Policies.Issuers;

/// <summary>A place outside the cluster that makes and keeps private keys.</summary>
public abstract record ResolvedKeyBackend
{
    /// <summary>Where the policy says how it is reached.</summary>
    public required string Field { get; init; }

    /// <summary>Tells it and the key there from others. Changing it makes a new key, and with it a new certificate.</summary>
    public abstract string Identity { get; }

    /// <summary>Whether the key never leaves it.</summary>
    public abstract bool KeyStays { get; }
}

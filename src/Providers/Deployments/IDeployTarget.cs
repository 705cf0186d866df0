using CertOperator.Providers.Issuance;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.Deployments;

/// <summary>A place at a cloud provider that gets each new pair. Every refusal is an <see cref="IssuanceException"/>; nothing is tried twice.</summary>
public interface IDeployTarget
{
    /// <summary>What an earlier try has made for the policy, where its answer was lost.</summary>
    /// <returns>What the provider knows it by; null where there is nothing.</returns>
    Task<string?> FindAsync(TargetOwner owner, CancellationToken cancellationToken);

    /// <summary>Puts a pair there, or looks how far that is.</summary>
    /// <param name="pair">The pair.</param>
    /// <param name="owner">Whose it is.</param>
    /// <param name="place">What is known of the place.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    Task<TargetProgress> PutAsync(TargetPair pair, TargetOwner owner, TargetPlace place, CancellationToken cancellationToken);

    /// <summary>Whether a pair could be put there, asked for a dry run: without any effect.</summary>
    /// <param name="existing">What would be replaced; null where something new would be made.</param>
    /// <param name="key">The kind of key that the pair would have.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    Task<IReadOnlyList<ProviderCheck>> CheckAsync(string? existing, TargetKey key, CancellationToken cancellationToken);
}

/// <summary>The policy that a target's content belongs to.</summary>
/// <param name="Uid">The policy's uid: the same for as long as the policy is there, and no other's.</param>
/// <param name="Name">Its namespace and name.</param>
public sealed record TargetOwner(string Uid, string Name);

/// <summary>What is put there. The objects stay the caller's.</summary>
public sealed record TargetPair(PrivateKeyPair Key, TargetChain Chain)
{
    public override string ToString() => $"TargetPair {{ {Chain.Fingerprint} }}";
}

/// <summary>The kind of key that a policy asks for.</summary>
public sealed record TargetKey(KeyAlgorithm Algorithm, int Size);

/// <summary>What is known of a place.</summary>
/// <param name="Existing">What is replaced, as the provider knows it; null to make something new.</param>
/// <param name="Operation">What the provider calls the work that is waited for; null where none is under way.</param>
public sealed record TargetPlace(string? Existing, string? Operation);

/// <summary>How far putting a pair to a target is: a closed set.</summary>
public abstract record TargetProgress
{
    private TargetProgress()
    {
    }

    /// <summary>The target has the pair.</summary>
    /// <param name="RemoteId">What the provider knows it by.</param>
    public sealed record Done(string RemoteId) : TargetProgress;

    /// <summary>The provider is at work.</summary>
    public sealed record Pending(string RemoteId, string Operation, TimeSpan RetryAfter) : TargetProgress;

    /// <summary>What was to be replaced is no longer there, and the policy does not insist on it.</summary>
    public sealed record Gone(string Message) : TargetProgress;
}

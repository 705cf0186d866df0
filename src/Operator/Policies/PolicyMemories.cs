using System.Collections.Concurrent;
using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;
using CertOperator.Operator.Pacing;
using CertOperator.Operator.Probing;

namespace CertOperator.Operator.Policies;

/// <summary>What this process remembers of each policy.</summary>
public sealed class PolicyMemories(SecretCheckInterval interval, Func<int> fleet, IssuanceGate gate, TimeProvider timeProvider) : ITermMemory
{
    private readonly ConcurrentDictionary<NamespacedName, PolicyMemory> _memories = new();

    public PolicyMemory Of(CertificateRenewalPolicy policy)
        => _memories.GetOrAdd(
            NamespacedName.Of(policy),
            _ => new PolicyMemory
            {
                PolicyUid = policy.Metadata.Uid!,
                SecretCheckDue = timeProvider.GetUtcNow() + interval.First(policy.Metadata.Uid!),
                ProbesFrom = timeProvider.GetUtcNow() + ProbeSchedule.First(fleet(), policy.Metadata.Uid!),
            });

    /// <summary>The policy is gone; a run that it was going to have is not made any more.</summary>
    public void Forget(NamespacedName policy)
    {
        if (_memories.TryRemove(policy, out var memory))
        {
            gate.Release(memory.PolicyUid);
        }
    }

    /// <summary>Drops all, such as after the leadership was lost.</summary>
    public void Reset() => _memories.Clear();
}

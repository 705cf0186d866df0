using System.Collections.Concurrent;
using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;
using CertOperator.Operator.Probing;

namespace CertOperator.Operator.Policies;

/// <summary>What this process remembers of each policy.</summary>
public sealed class PolicyMemories(SecretCheckInterval interval, Func<int> fleet, TimeProvider timeProvider) : ITermMemory
{
    private readonly ConcurrentDictionary<NamespacedName, PolicyMemory> _memories = new();

    public PolicyMemory Of(CertificateRenewalPolicy policy)
        => _memories.GetOrAdd(
            NamespacedName.Of(policy),
            _ => new PolicyMemory
            {
                SecretCheckDue = timeProvider.GetUtcNow() + interval.First(policy.Metadata.Uid!),
                ProbesFrom = timeProvider.GetUtcNow() + ProbeSchedule.First(fleet(), policy.Metadata.Uid!),
            });

    public void Forget(NamespacedName policy) => _memories.TryRemove(policy, out _);

    /// <summary>Drops all, such as after the leadership was lost.</summary>
    public void Reset() => _memories.Clear();
}

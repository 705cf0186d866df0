using CertOperator.Operator.Deployments;
using CertOperator.Operator.Policies;
using CertOperator.Providers.Deployments;
using CertOperator.Providers.Issuance;

namespace CertOperator.Operator.Tests.Fakes;

/// <summary>A place that notes what it is given, and answers as a test says.</summary>
internal sealed class FakeDeployTarget : IDeployTarget, IDeployTargetSource
{
    /// <summary>Target, fingerprint, what is replaced, and operation of each try.</summary>
    public List<(string Target, string Fingerprint, TargetPlace Place)> Puts { get; } = [];

    public List<string> Opened { get; } = [];

    /// <summary>What looking for lost answers finds.</summary>
    public string? Lost { get; set; }

    public int Looks { get; private set; }

    /// <summary>Answers a try, by the target and what is known of it.</summary>
    public Func<string, TargetPlace, TargetProgress> Answer { get; set; } = (target, place) => new TargetProgress.Done(place.Existing ?? $"made for {target}");

    private string _target = "";

    public Task<IDeployTarget> OpenAsync(string @namespace, ResolvedDeployTarget target, CancellationToken cancellationToken)
    {
        Opened.Add($"{@namespace} {target.Id}");
        _target = target.Id;
        return Task.FromResult<IDeployTarget>(this);
    }

    public Task<string?> FindAsync(TargetOwner owner, CancellationToken cancellationToken)
    {
        Looks++;
        return Task.FromResult(Lost);
    }

    public Task<TargetProgress> PutAsync(TargetPair pair, TargetOwner owner, TargetPlace place, CancellationToken cancellationToken)
    {
        Puts.Add((_target, pair.Chain.Fingerprint, place));
        return Task.FromResult(Answer(_target, place));
    }

    public Task<IReadOnlyList<ProviderCheck>> CheckAsync(string? existing, TargetKey key, CancellationToken cancellationToken) => throw new NotSupportedException();
}

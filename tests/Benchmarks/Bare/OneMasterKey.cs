using CertOperator.Operator.Secrets.Sealing;

namespace CertOperator.Benchmarks.Bare;

/// <summary>A master key that is at hand: reading it is no part of what a certificate costs.</summary>
internal sealed class OneMasterKey : IMasterKeys
{
    private readonly MasterKeyRing _ring = MasterKeyRing.Create(TimeProvider.System.GetUtcNow());

    public ValueTask<MasterKeyRing> GetAsync(CancellationToken cancellationToken) => new(_ring);

    public ValueTask<MasterKeyRing> ReloadAsync(CancellationToken cancellationToken) => new(_ring);

    public ValueTask<MasterKeyRing?> FindAsync(CancellationToken cancellationToken) => new(_ring);
}

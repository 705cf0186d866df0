namespace CertOperator.Operator.Secrets.Sealing;

/// <summary>Where the master keys are kept.</summary>
public interface IMasterKeys
{
    /// <summary>The keys as they are now, or were a short while ago; made where there are none and this place can make them.</summary>
    /// <exception cref="MasterKeyException">They cannot be used.</exception>
    ValueTask<MasterKeyRing> GetAsync(CancellationToken cancellationToken);

    /// <summary>The keys as they are now.</summary>
    /// <exception cref="MasterKeyException">They cannot be used.</exception>
    ValueTask<MasterKeyRing> ReloadAsync(CancellationToken cancellationToken);

    /// <summary>The keys as they were a short while ago; null where there are none.</summary>
    /// <exception cref="MasterKeyException">They cannot be used.</exception>
    ValueTask<MasterKeyRing?> FindAsync(CancellationToken cancellationToken);
}

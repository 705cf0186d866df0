using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Dns;

/// <summary>A place where TXT records can be written. Both calls may be repeated: what is there already, or is gone already, is fine.</summary>
public interface ITxtRecords
{
    /// <summary>Adds one value and leaves the others at the name.</summary>
    /// <returns>What <see cref="IsAppliedAsync"/> needs; null where the change is in effect.</returns>
    /// <exception cref="IssuanceException">The place refused, or cannot be reached.</exception>
    Task<string?> AddAsync(TxtRecord record, CancellationToken cancellationToken);

    /// <summary>Whether a change is in effect.</summary>
    /// <exception cref="IssuanceException">The place refused, or cannot be reached.</exception>
    Task<bool> IsAppliedAsync(string change, CancellationToken cancellationToken) => Task.FromResult(true);

    /// <summary>Removes one value and leaves the others at the name.</summary>
    /// <exception cref="IssuanceException">The place refused, or cannot be reached.</exception>
    Task RemoveAsync(TxtRecord record, CancellationToken cancellationToken);
}

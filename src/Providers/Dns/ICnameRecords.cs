using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Dns;

/// <summary>A place where CNAME records can be written.</summary>
public interface ICnameRecords
{
    /// <summary>Lets a name point to another, in place of what it points to now.</summary>
    /// <returns>What <see cref="ITxtRecords.IsAppliedAsync"/> needs; null where the change is in effect.</returns>
    /// <exception cref="IssuanceException">The place refused, or cannot be reached.</exception>
    Task<string?> SetAsync(CnameRecord record, CancellationToken cancellationToken);
}

using CertOperator.Benchmarks.World;

namespace CertOperator.Benchmarks.Peers;

/// <summary>Another ACME client, for comparison.</summary>
public interface IPeer : IDisposable
{
    string Name { get; }

    /// <summary>Registers its account, so that only issuances are measured afterwards.</summary>
    Task PrepareAsync(BenchWorld world, CancellationToken cancellationToken);

    /// <summary>The whole command that obtains one certificate.</summary>
    /// <returns>Paths of the certificate chain and of the key.</returns>
    Task<(string Certificate, string Key)> IssueAsync(BenchWorld world, string hostname, CancellationToken cancellationToken);
}

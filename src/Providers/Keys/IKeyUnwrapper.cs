namespace CertOperator.Providers.Keys;

/// <summary>A place outside the cluster that decrypts keys which were encrypted there.</summary>
public interface IKeyUnwrapper
{
    /// <summary>Where the place is set, for advice.</summary>
    string Field { get; }

    /// <param name="ciphertext">As the place itself gives it out, in text.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The key. It is the caller's, who keeps it in memory alone.</returns>
    /// <exception cref="Issuance.IssuanceException">The place refused or cannot be reached.</exception>
    Task<byte[]> UnwrapAsync(string ciphertext, CancellationToken cancellationToken);
}

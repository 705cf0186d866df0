using CertOperator.Providers.Pki;

namespace CertOperator.Providers.Keys;

/// <summary>A place outside the cluster where private keys live. Every refusal is an <see cref="Issuance.IssuanceException"/>.</summary>
public interface IKeyBackend
{
    /// <summary>Makes a key, or a new version of it, or finds the one to use. Called again after a crash it makes no second one: a version that no certificate uses yet is taken.</summary>
    Task<ICertificateKey> PrepareAsync(KeyWish wish, CancellationToken cancellationToken);

    /// <summary>The key that was prepared before, exactly that version; null where the backend has it no longer.</summary>
    Task<ICertificateKey?> OpenAsync(KeyReference reference, CancellationToken cancellationToken);

    /// <summary>Makes versions unusable that no certificate needs any more, as far as the backend lets the operator. Best effort.</summary>
    /// <param name="keep">The oldest version that is still needed.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    Task RetireBeforeAsync(KeyReference keep, CancellationToken cancellationToken);

    /// <summary>Whether everything that a run will ask may be asked. Has no effect on any key.</summary>
    Task<IReadOnlyList<KeyPermission>> CheckAsync(KeyWish wish, CancellationToken cancellationToken);
}

/// <summary>What key is wanted.</summary>
/// <param name="Algorithm">Algorithm.</param>
/// <param name="Size">Size in bits.</param>
/// <param name="Rotate">Whether a renewal makes a new key.</param>
/// <param name="Current">The key of the certificate in use; null where there is none, or it is kept elsewhere.</param>
public sealed record KeyWish(KeyAlgorithm Algorithm, int Size, bool Rotate, KeyReference? Current);

/// <summary>One thing that a run needs to be allowed.</summary>
/// <param name="Permission">As the backend calls it, such as kms:Sign on a key, or update on a path.</param>
/// <param name="Granted">Null where that cannot be known without doing it.</param>
/// <param name="Evidence">What was seen and what to do: a sentence.</param>
public sealed record KeyPermission(string Permission, bool? Granted, string Evidence);

using System.Globalization;
using System.Net;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Vault;

namespace CertOperator.Providers.Keys.Vault;

/// <summary>
/// Keys in Vault's Transit engine, which they never leave. A renewal makes another version of the same key. The latest version is in use
/// or about to be: a run that comes back after a crash takes it instead of making one more.
/// </summary>
/// <param name="vault">The server.</param>
/// <param name="mount">Where the engine is mounted.</param>
/// <param name="name">The key's name.</param>
public sealed class VaultTransitKeys(VaultClient vault, string mount, string name) : IKeyBackend
{
    private readonly string _path = $"{mount}/keys/{name}";

    private string Url => vault.Server.UrlOf(_path).AbsoluteUri;

    public async Task<ICertificateKey> PrepareAsync(KeyWish wish, CancellationToken cancellationToken)
    {
        var type = TransitKeyState.TypeOf(wish);
        var state = await FindAsync(cancellationToken) ?? await CreateAsync(type, cancellationToken);
        if (state.Type != type)
        {
            throw new IssuanceException(IssuanceFailure.NeedsManual, VaultKeyReasons.WrongKeySpec, OtherType(state.Type, type));
        }

        var inUse = VersionInUse(state, wish.Current);
        if (!wish.Rotate && inUse is { } kept && kept >= state.OldestForSigning)
        {
            return Open(state, kept);
        }

        if (inUse == state.Latest)
        {
            state = await RotateAsync(state.Latest, cancellationToken);
        }

        return Open(state, state.Latest);
    }

    public async Task<ICertificateKey?> OpenAsync(KeyReference reference, CancellationToken cancellationToken)
        => IsOurs(reference) && await FindAsync(cancellationToken) is { } state && VersionInUse(state, reference) is { } version && reference.Version == version.ToString(CultureInfo.InvariantCulture)
            ? Open(state, version)
            : null;

    public async Task RetireBeforeAsync(KeyReference keep, CancellationToken cancellationToken)
    {
        try
        {
            if (keep.Place != KeyPlaces.VaultTransit || await FindAsync(cancellationToken) is not { } state || VersionInUse(state, keep) is not { } oldest
                || (state.OldestForVerifying >= oldest && state.OldestForSigning >= oldest))
            {
                return;
            }

            var config = new TransitKeyConfig(Math.Max(oldest, state.OldestForVerifying), Math.Max(oldest, state.OldestForSigning));
            // Whether the operator may is for whoever looks after Vault to say.
            await vault.SendAsync(VaultCall.Write($"{_path}/config", config, VaultKeyJsonContext.Default.TransitKeyConfig) with { Expected = [HttpStatusCode.Forbidden] }, cancellationToken);
        }
        catch (IssuanceException)
        {
            // The next run retires them with its own; no certificate has to wait for that.
        }
    }

    public async Task<IReadOnlyList<KeyPermission>> CheckAsync(KeyWish wish, CancellationToken cancellationToken)
    {
        var type = TransitKeyState.TypeOf(wish);
        var state = await FindAsync(cancellationToken);
        var rows = new List<KeyPermission>
        {
            state is null
                ? new($"{type} key {_path}", null, "There is no such key yet; the first run makes it.")
                : new($"{type} key {_path}", state.Type == type, state.Type == type ? $"The key is there; its latest version is {state.Latest.ToString(CultureInfo.InvariantCulture)}." : OtherType(state.Type, type)),
        };
        var needs = new List<VaultNeed> { new(_path, "read"), new($"{mount}/sign/{name}", "update") };
        if (state is null)
        {
            needs.Add(new VaultNeed(_path, "update"));
        }

        if (wish.Rotate)
        {
            needs.Add(new VaultNeed($"{_path}/rotate", "update"));
        }

        needs.Add(new VaultNeed($"{_path}/config", "update", "Without it versions that no certificate needs any more can still sign."));
        rows.AddRange((await VaultNeed.CheckAsync(vault, needs, cancellationToken)).Select(p => new KeyPermission(p.Permission, p.Granted, p.Evidence)));
        return rows;
    }

    /// <summary>Why a signature was refused: the key is looked at again rather than Vault's words taken apart.</summary>
    internal async Task<IssuanceException> ExplainAsync(int version, IssuanceException refusal, CancellationToken cancellationToken)
    {
        var at = string.Create(CultureInfo.InvariantCulture, $"Version {version} of key {_path} at {vault.Server.Address.Authority}");
        return await FindAsync(cancellationToken) switch
        {
            null => new IssuanceException(IssuanceFailure.NeedsManual, VaultKeyReasons.KeyNotFound, $"{at} has been deleted with the key. Restore the key from a backup, or start another run, which makes a new one.", inner: refusal),
            { } state when !state.PublicKeys.ContainsKey(version) || version < state.OldestForSigning
                => new IssuanceException(IssuanceFailure.NeedsManual, VaultKeyReasons.KeyNotUsable, $"{at} may not sign any more. Lower its min_encryption_version and min_decryption_version to {version.ToString(CultureInfo.InvariantCulture)}, or start another run, which takes the latest version.", inner: refusal),
            _ => refusal,
        };
    }

    /// <summary>
    /// The version that a reference means, whatever Vault's address was when it was written; null where it is gone, also with a key that has
    /// been deleted and made again under its name.
    /// </summary>
    private static int? VersionInUse(TransitKeyState state, KeyReference? reference)
        => reference is { Place: KeyPlaces.VaultTransit } ? state.FindVersion(reference.PublicKeySha256) : null;

    private bool IsOurs(KeyReference reference) => reference.Place == KeyPlaces.VaultTransit && reference.Key == Url;

    private VaultTransitKey Open(TransitKeyState state, int version)
    {
        var key = state.Find(version) ?? throw VaultFailures.NotVault(vault.Server, string.Create(CultureInfo.InvariantCulture, $"GET {_path} without a public key of version {version}"));
        var reference = new KeyReference { Place = KeyPlaces.VaultTransit, Key = Url, Version = version.ToString(CultureInfo.InvariantCulture), PublicKeySha256 = key.Sha256 };
        return new VaultTransitKey(vault, this, $"{mount}/sign/{name}", reference, key);
    }

    private async Task<TransitKeyState?> FindAsync(CancellationToken cancellationToken)
    {
        var call = VaultCall.Read(_path, HttpStatusCode.NotFound);
        var answer = await vault.SendAsync(call, cancellationToken);
        if (answer.Status != HttpStatusCode.NotFound)
        {
            return TransitKeyState.From(vault.Read(call, answer, VaultKeyJsonContext.Default.VaultEnvelopeTransitKeyData)) ?? throw VaultFailures.NotVault(vault.Server, $"{call} without the key's versions");
        }

        // A key that is not there is answered without a word, a path that nothing is mounted at with some.
        return VaultFailures.ErrorsOf(answer).Length == 0 ? null : throw VaultFailures.Refusal(vault.Server, call, answer);
    }

    private async Task<TransitKeyState> CreateAsync(string type, CancellationToken cancellationToken)
    {
        await vault.SendAsync(VaultCall.Write(_path, new TransitKeyRequest(type, Exportable: false), VaultKeyJsonContext.Default.TransitKeyRequest), cancellationToken);
        return await FindAsync(cancellationToken) ?? throw VaultFailures.Lags(vault.Server, $"GET {_path} with nothing, where the key had just been made");
    }

    private async Task<TransitKeyState> RotateAsync(int latest, CancellationToken cancellationToken)
    {
        await vault.SendAsync(VaultCall.Write($"{_path}/rotate", new VaultNothing(), VaultJsonContext.Default.VaultNothing), cancellationToken);
        return await FindAsync(cancellationToken) is { } state && state.Latest > latest ? state : throw VaultFailures.Lags(vault.Server, $"GET {_path} without a new version, where the key had just been rotated");
    }

    private string OtherType(string found, string wanted)
        => $"Key {_path} at {vault.Server.Address.Authority} is of type {found}, and the policy wants {wanted}. Vault cannot change that: set spec.key to it, or {vault.Server.Field}.keyName to another name.";
}

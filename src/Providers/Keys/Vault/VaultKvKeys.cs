using System.Globalization;
using System.Net;
using System.Text.Json;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Pki;
using CertOperator.Providers.Vault;

namespace CertOperator.Providers.Keys.Vault;

/// <summary>
/// Keys in a KV engine (version 2) of Vault. They are made here, and every version is written for the one that was seen before it, so that
/// of two writers one fails. The latest version is in use or about to be, as in Transit.
/// </summary>
/// <param name="vault">The server.</param>
/// <param name="mount">Where the engine is mounted.</param>
/// <param name="path">The secret's path in it.</param>
public sealed class VaultKvKeys(VaultClient vault, string mount, string path) : IKeyBackend
{
    /// <summary>What the key is called in the secret, in PKCS#8 PEM.</summary>
    public const string Field = "tls.key";

    /// <summary>KV keeps ten versions unless it is told otherwise.</summary>
    private const int VersionsKept = 10;

    private readonly string _path = $"{mount}/data/{path}";

    private string Url => vault.Server.UrlOf(_path).AbsoluteUri;

    public async Task<ICertificateKey> PrepareAsync(KeyWish wish, CancellationToken cancellationToken)
    {
        var (version, pem) = await ReadAsync(null, cancellationToken);
        var latest = pem is null ? null : Open(version, pem);
        if (latest is not null && latest.Fits(wish) && (!wish.Rotate || !IsSame(wish.Current, latest)))
        {
            return !wish.Rotate && wish.Current is { } current && !IsSame(current, latest) && await OpenAsync(current, cancellationToken) is VaultKvKey inUse
                ? Choose(wish, inUse, latest)
                : latest;
        }

        latest?.Dispose();
        using var made = PrivateKeyPair.Create(wish.Algorithm, wish.Size);
        return await WriteAsync(version, made, cancellationToken);
    }

    public async Task<ICertificateKey?> OpenAsync(KeyReference reference, CancellationToken cancellationToken)
    {
        if (!IsOurs(reference) || !int.TryParse(reference.Version, NumberStyles.None, CultureInfo.InvariantCulture, out var wanted)
            || await ReadAsync(wanted, cancellationToken) is not (_, { } pem))
        {
            return null;
        }

        var key = Open(wanted, pem);
        if (key.Reference == reference)
        {
            return key;
        }

        key.Dispose();
        return null;
    }

    public async Task RetireBeforeAsync(KeyReference keep, CancellationToken cancellationToken)
    {
        if (!IsOurs(keep) || !int.TryParse(keep.Version, NumberStyles.None, CultureInfo.InvariantCulture, out var oldest) || oldest < 2)
        {
            return;
        }

        var versions = Enumerable.Range(Math.Max(1, oldest - VersionsKept), Math.Min(VersionsKept, oldest - 1)).ToList();
        try
        {
            // Whether the operator may is for whoever looks after Vault to say.
            await vault.SendAsync(VaultCall.Write($"{mount}/destroy/{path}", new KvVersions(versions), VaultKeyJsonContext.Default.KvVersions) with { Expected = [HttpStatusCode.Forbidden] }, cancellationToken);
        }
        catch (IssuanceException)
        {
            // The next run retires them with its own; no certificate has to wait for that.
        }
    }

    public async Task<IReadOnlyList<KeyPermission>> CheckAsync(KeyWish wish, CancellationToken cancellationToken)
    {
        var (version, pem) = await ReadAsync(null, cancellationToken);
        using var key = pem is null ? null : Open(version, pem);
        var rows = new List<KeyPermission>
        {
            key is null
                ? new($"key at {_path}", null, "There is no key yet; the first run makes it.")
                : new($"key at {_path}", true, string.Create(CultureInfo.InvariantCulture, $"Version {version} is a key {key.Algorithm} of {key.Size} bits.")),
        };
        var needs = new List<VaultNeed> { new(_path, "read") };
        if (version == 0)
        {
            needs.Add(new VaultNeed(_path, "create"));
        }

        if (wish.Rotate || version > 0)
        {
            needs.Add(new VaultNeed(_path, "update"));
        }

        needs.Add(new VaultNeed($"{mount}/destroy/{path}", "update", "Without it keys that no certificate needs any more stay until KV drops them."));
        rows.AddRange((await VaultNeed.CheckAsync(vault, needs, cancellationToken)).Select(p => new KeyPermission(p.Permission, p.Granted, p.Evidence)));
        return rows;
    }

    private static VaultKvKey Choose(KeyWish wish, VaultKvKey inUse, VaultKvKey latest)
    {
        var (chosen, other) = inUse.Fits(wish) ? (inUse, latest) : (latest, inUse);
        other.Dispose();
        return chosen;
    }

    /// <summary>Whatever Vault's address was when the reference was written.</summary>
    private static bool IsSame(KeyReference? reference, VaultKvKey key)
        => reference is { Place: KeyPlaces.VaultKv } && reference.PublicKeySha256 == key.Reference.PublicKeySha256;

    private bool IsOurs(KeyReference reference) => reference.Place == KeyPlaces.VaultKv && reference.Key == Url;

    private VaultKvKey Open(int version, string pem)
    {
        try
        {
            return VaultKvKey.Open(Url, version, PrivateKeyPair.FromPem(pem));
        }
        catch (PkiException e)
        {
            throw Foreign(version, $"its {Field} is no key that can be used ({e.Reason})");
        }
    }

    /// <param name="version">Null for the latest.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The version that was read, 0 where there has never been any; and the key, null where that version was deleted.</returns>
    private async Task<(int Version, string? Pem)> ReadAsync(int? version, CancellationToken cancellationToken)
    {
        var call = VaultCall.Read(_path, HttpStatusCode.NotFound) with { Query = version is null ? null : string.Create(CultureInfo.InvariantCulture, $"?version={version}") };
        var answer = await vault.SendAsync(call, cancellationToken);
        if (answer.Status == HttpStatusCode.NotFound)
        {
            // A deleted version is answered with what remains of it, a secret that is not there without a word, and a path that nothing is mounted at with some.
            return VaultFailures.ErrorsOf(answer).Length > 0 ? throw VaultFailures.Refusal(vault.Server, call, answer) : (Parse(answer)?.Metadata?.Version ?? 0, null);
        }

        var secret = vault.Read(call, answer, VaultKeyJsonContext.Default.VaultEnvelopeKvSecret);
        if (secret.Metadata is not { Version: > 0 } metadata)
        {
            throw NotVersioned();
        }

        return TextOf(secret.Data?.GetValueOrDefault(Field) ?? default) is { } pem ? (metadata.Version, pem) : throw Foreign(metadata.Version, $"it has no {Field}");
    }

    private async Task<VaultKvKey> WriteAsync(int before, PrivateKeyPair made, CancellationToken cancellationToken)
    {
        var call = VaultCall.Write(
            _path,
            new KvWrite(new KvOptions(before), new Dictionary<string, string> { [Field] = made.ToPkcs8Pem() }),
            VaultKeyJsonContext.Default.KvWrite,
            before == 0 ? "create" : "update") with
        { Expected = [HttpStatusCode.BadRequest] };
        var answer = await vault.SendAsync(call, cancellationToken);
        if (answer.Status == HttpStatusCode.BadRequest)
        {
            // Most likely somebody else has written in between: whoever comes again finds that version.
            throw new IssuanceException(IssuanceFailure.Transient, VaultReasons.RequestRefused, $"{VaultFailures.Describe(vault.Server, call, answer)}. The operator looks again.");
        }

        if (answer.Status == HttpStatusCode.NoContent || vault.Read(call, answer, VaultKeyJsonContext.Default.VaultEnvelopeKvMetadata) is not { Version: > 0 } written)
        {
            throw NotVersioned();
        }

        if (await ReadAsync(written.Version, cancellationToken) is not (_, { } pem))
        {
            throw VaultFailures.Lags(vault.Server, $"GET {_path} with nothing, where a key had just been written");
        }

        var key = Open(written.Version, pem);
        if (key.SubjectPublicKeyInfo.AsSpan().SequenceEqual(made.SubjectPublicKeyInfo))
        {
            return key;
        }

        key.Dispose();
        throw VaultFailures.NotVault(vault.Server, $"GET {_path} with another key than had just been written");
    }

    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.Deserialize(VaultKeyJsonContext.Default.String) : null;
        }
        catch (JsonException)
        {
            // Escapes that are no text are found only here.
            return null;
        }
    }

    private static KvSecret? Parse(VaultAnswer answer)
    {
        try
        {
            return JsonSerializer.Deserialize(answer.Body, VaultKeyJsonContext.Default.VaultEnvelopeKvSecret)?.Data;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private IssuanceException NotVersioned()
        => new(IssuanceFailure.NeedsManual, VaultReasons.NothingMounted, $"The engine at {mount} of {vault.Server.Address.Authority} answered {_path} without a version: it is no KV engine of version 2. Set {vault.Server.Field}.kvMount to one that is.");

    private IssuanceException Foreign(int version, string why)
        => new(
            IssuanceFailure.NeedsManual,
            VaultKeyReasons.KeyNotUsable,
            string.Create(CultureInfo.InvariantCulture, $"Version {version} of {_path} at {vault.Server.Address.Authority} was not written by the operator: {why}. It is left as it is; set {vault.Server.Field}.keyName to another path, or delete that version."));
}

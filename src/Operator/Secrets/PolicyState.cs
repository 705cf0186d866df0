using System.Text;
using CertOperator.Crds;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Secrets.Sealing;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Pki;

namespace CertOperator.Operator.Secrets;

/// <summary>A policy's own Secret as it was read, with the keys that open what is in it. Pure.</summary>
public sealed class PolicyState
{
    public const string StagedKey = "staged.key";

    /// <summary>In place of the key where that is kept elsewhere.</summary>
    public const string StagedReference = "staged.reference";
    private const string Previous = "previous";
    private const string Older = "older";

    private readonly string _policyUid;
    private readonly MasterKeyRing _keys;

    /// <param name="secret">The Secret.</param>
    /// <param name="policyUid">UID of the policy that it is read for.</param>
    /// <param name="keys">The master keys.</param>
    public PolicyState(Secret secret, string policyUid, MasterKeyRing keys) => (Secret, _policyUid, _keys) = (secret, policyUid, keys);

    public Secret Secret { get; }

    /// <summary>Whether somebody else has taken the name.</summary>
    public bool IsForeign => Secret.Type != WellKnown.StateSecretType;

    private string? StagedRun => Secret.Metadata.Annotations?.GetValueOrDefault(WellKnown.StagedForRun);

    private string Namespace => Secret.Metadata.Namespace!;

    /// <summary>The key that is staged for a run; null where there is none, or something in its place that is no key or does not open.</summary>
    /// <exception cref="MasterKeyException">It is sealed with a master key that the operator does not have, and may get back.</exception>
    public PrivateKeyPair? StagedFor(CertificateRenewalRun run)
    {
        if (!IsStagedFor(run.Metadata.Uid!) || ReadStaged() is not { } opening)
        {
            return null;
        }

        try
        {
            if (opening is Opening.Refused { IsKeyUnknown: true } unknown)
            {
                throw new MasterKeyException($"{StagedKey} of Secret {Secret.Metadata.Name} does not open. {unknown.Message} A new run makes a new key.");
            }

            return opening is Opening.Refused ? null : PrivateKeyPair.FromPem(Encoding.UTF8.GetString(ValueOf(opening)!));
        }
        catch (PkiException)
        {
            // Somebody has written there: the key is as lost as a deleted one, and is replaced in the same way.
            return null;
        }
    }

    /// <summary>Where the key of a run is kept; null where none is staged, or it is staged itself.</summary>
    public KeyReference? StagedReferenceFor(CertificateRenewalRun run)
        => IsStagedFor(run.Metadata.Uid!) && Secret.Data?.GetValueOrDefault(StagedReference) is { } json ? KeyReference.Parse(json) : null;

    public bool IsStagedFor(string runUid) => StagedRun == runUid;

    /// <summary>Whether what is staged was meant for this; where nobody noted that, it is taken to be.</summary>
    public bool IsStagedForRequest(string? requestHash)
        => Secret.Metadata.Annotations?.GetValueOrDefault(WellKnown.StagedForRequest) is not { Length: > 0 } staged || staged == requestHash;

    /// <summary>What is wrong with the staged key, after it was found to be of no use: a sentence.</summary>
    public string DescribeSpoiltStagedKey()
        => ReadStaged() is Opening.Refused refused
            ? $"What Secret {Secret.Metadata.Name} holds as {StagedKey} does not open and is replaced. {refused.Message}"
            : $"What Secret {Secret.Metadata.Name} holds as {StagedKey} is no private key and is replaced.";

    /// <summary>The pairs that were replaced, the last one first.</summary>
    public IEnumerable<KeptPair> KeptPairs()
        => IsForeign || Secret.Data is not { } data ? [] : new[] { Pair(data, Previous), Pair(data, Older) }.OfType<KeptPair>();

    /// <summary>What the Secret is to hold when a run has staged its key. The pair in use is kept as the previous one.</summary>
    /// <param name="state">What it holds now; null where there is none.</param>
    /// <param name="staged">Where the key belongs.</param>
    /// <param name="keys">The master keys.</param>
    /// <param name="key">The key to stage; null where the provider makes it.</param>
    /// <param name="current">The Secret in use; null where there is none.</param>
    public static Dictionary<string, byte[]> Stage(PolicyState? state, SealedPlace staged, MasterKeyRing keys, ICertificateKey? key, Secret? current)
    {
        ArgumentNullException.ThrowIfNull(staged);
        var data = new Dictionary<string, byte[]>(state?.Secret.Data ?? []);
        data.Remove(StagedKey);
        data.Remove(StagedReference);
        switch (key)
        {
            case { Reference: { } reference }:
                data[StagedReference] = Encoding.UTF8.GetBytes(reference.ToJson());
                break;

            case { Exported: { } exported }:
                data[StagedKey] = KeySeal.Seal(keys, staged, Encoding.ASCII.GetBytes(exported.ToPkcs8Pem()));
                break;
        }

        Archive(data, current, staged.Namespace, staged.PolicyUid, keys);
        SealKept(data, staged.Namespace, staged.PolicyUid, keys);
        return data;
    }

    /// <summary>What the Secret is to hold when the pair in use is kept as the previous one; null where it is already.</summary>
    public Dictionary<string, byte[]>? Archived(Secret? current)
    {
        var data = new Dictionary<string, byte[]>(Secret.Data ?? []);
        if (!Archive(data, current, Namespace, _policyUid, _keys))
        {
            return null;
        }

        SealAll(data);
        return data;
    }

    /// <summary>What the Secret is to hold so that the first master key seals all of it; null where that is so, as far as it opens at all.</summary>
    public Dictionary<string, byte[]>? SealedAgain()
    {
        var data = new Dictionary<string, byte[]>(Secret.Data ?? []);
        return !IsForeign && SealAll(data) ? data : null;
    }

    /// <summary>Ids of the master keys that something in the Secret is sealed with.</summary>
    public IEnumerable<string> MasterKeys()
        => (Secret.Data ?? []).Where(d => d.Key is StagedKey or $"{Previous}.key" or $"{Older}.key").Select(d => KeySeal.MasterKeyOf(d.Value)).OfType<string>().Distinct();

    private Opening? ReadStaged()
        => StagedRun is { } run && Secret.Data?.GetValueOrDefault(StagedKey) is { } stored ? KeySeal.Open(_keys, SealedPlace.Staged(Namespace, _policyUid, run), stored) : null;

    private bool SealAll(Dictionary<string, byte[]> data)
    {
        var changed = SealKept(data, Namespace, _policyUid, _keys);
        return (StagedRun is { } run && SealAgain(data, StagedKey, SealedPlace.Staged(Namespace, _policyUid, run), _keys)) || changed;
    }

    private static bool SealKept(Dictionary<string, byte[]> data, string @namespace, string policyUid, MasterKeyRing keys)
    {
        var changed = false;
        foreach (var slot in new[] { Previous, Older })
        {
            changed |= data.TryGetValue($"{slot}.crt", out var certificate) && SealAgain(data, $"{slot}.key", SealedPlace.Kept(@namespace, policyUid, certificate), keys);
        }

        return changed;
    }

    private static bool SealAgain(Dictionary<string, byte[]> data, string name, SealedPlace place, MasterKeyRing keys)
    {
        if (!data.TryGetValue(name, out var stored) || KeySeal.Open(keys, place, stored) is Opening.Refused or Opening.Opened { ByFirst: true })
        {
            return false;
        }

        data[name] = KeySeal.Seal(keys, place, ValueOf(KeySeal.Open(keys, place, stored))!);
        return true;
    }

    /// <summary>A failed run is followed by another with the same pair in use: that pair must not push out the one before it.</summary>
    private static bool Archive(Dictionary<string, byte[]> data, Secret? current, string @namespace, string policyUid, MasterKeyRing keys)
    {
        if (current?.Data is not { } pair || TlsSecretContents.Parse(pair) is not TlsSecretContents.Pair
            || data.GetValueOrDefault($"{Previous}.crt")?.AsSpan().SequenceEqual(pair[WellKnown.TlsCertificateKey]) == true)
        {
            return false;
        }

        if (data.ContainsKey($"{Previous}.crt") && data.ContainsKey($"{Previous}.key"))
        {
            foreach (var part in new[] { "crt", "key", "server", "taken-over-from" })
            {
                Set(data, $"{Older}.{part}", data.GetValueOrDefault($"{Previous}.{part}"));
            }
        }

        var annotations = current.Metadata.Annotations;
        var certificate = pair[WellKnown.TlsCertificateKey];
        data[$"{Previous}.crt"] = certificate;
        data[$"{Previous}.key"] = KeySeal.Seal(keys, SealedPlace.Kept(@namespace, policyUid, certificate), pair[WellKnown.TlsPrivateKeyKey]);
        Set(data, $"{Previous}.server", Bytes(annotations?.GetValueOrDefault(WellKnown.SecretServer)));
        Set(data, $"{Previous}.taken-over-from", Bytes(annotations?.GetValueOrDefault(WellKnown.SecretTakenOverFrom)));
        return true;
    }

    private KeptPair? Pair(Dictionary<string, byte[]> data, string slot)
    {
        if (!data.TryGetValue($"{slot}.crt", out var certificate) || !data.TryGetValue($"{slot}.key", out var stored))
        {
            return null;
        }

        var opening = KeySeal.Open(_keys, SealedPlace.Kept(Namespace, _policyUid, certificate), stored);
        return new KeptPair(certificate, ValueOf(opening) ?? [], Text(data, $"{slot}.server"), Text(data, $"{slot}.taken-over-from"))
        {
            Obstacle = opening is Opening.Refused refused ? $"{slot}.key of Secret {Secret.Metadata.Name} does not open. {refused.Message}" : null,
        };
    }

    private static byte[]? ValueOf(Opening opening)
        => opening switch
        {
            Opening.Opened opened => opened.Value,
            Opening.Plain plain => plain.Value,
            _ => null,
        };

    private static string? Text(Dictionary<string, byte[]> data, string key) => data.TryGetValue(key, out var value) ? Encoding.UTF8.GetString(value) : null;

    private static byte[]? Bytes(string? text) => text is null ? null : Encoding.UTF8.GetBytes(text);

    private static void Set(Dictionary<string, byte[]> data, string key, byte[]? value)
    {
        data.Remove(key);
        if (value is not null)
        {
            data[key] = value;
        }
    }
}

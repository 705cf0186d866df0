using System.Text;
using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Pki;

namespace CertOperator.Operator.Secrets;

/// <summary>
/// A policy's own Secret: the key that a run has staged before the CA hears of it, and the pairs that were replaced.
/// It survives what a run's memory does not, and costs one write per run.
/// </summary>
public sealed class RenewalState(IKubernetesClient client)
{
    public const string StagedKey = "staged.key";

    /// <summary>In place of the key where that is kept elsewhere.</summary>
    public const string StagedReference = "staged.reference";
    private const string Previous = "previous";
    private const string Older = "older";

    private readonly IResourceClient<Secret> _secrets = client.Resource(CoreResources.Secrets);

    public Task<Secret?> FindAsync(CertificateRenewalPolicy policy, CancellationToken cancellationToken)
        => _secrets.FindAsync(Name(policy.Metadata.Namespace!, policy.Metadata.Name), cancellationToken);

    /// <summary>The key that is staged for a run; null where there is none, or something that is no key in its place.</summary>
    public static PrivateKeyPair? StagedFor(Secret? state, CertificateRenewalRun run)
    {
        if (!IsStagedFor(state, run.Metadata.Uid!) || state!.Data?.GetValueOrDefault(StagedKey) is not { } pem)
        {
            return null;
        }

        try
        {
            return PrivateKeyPair.FromPem(Encoding.UTF8.GetString(pem));
        }
        catch (PkiException)
        {
            // Somebody has written there: the key is as lost as a deleted one, and is replaced in the same way.
            return null;
        }
    }

    /// <summary>Where the key of a run is kept; null where none is staged, or it is staged itself.</summary>
    public static KeyReference? StagedReferenceFor(Secret? state, CertificateRenewalRun run)
        => IsStagedFor(state, run.Metadata.Uid!) && state!.Data?.GetValueOrDefault(StagedReference) is { } json ? KeyReference.Parse(json) : null;

    public static bool IsStagedFor(Secret? state, string runUid)
        => state?.Metadata.Annotations?.GetValueOrDefault(WellKnown.StagedForRun) == runUid;

    /// <summary>Stages a key for a run, or where it is, and keeps the pair that the run is about to replace.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="run">The run.</param>
    /// <param name="state">The Secret as it was read; null where there is none.</param>
    /// <param name="key">The key to stage; null where the provider makes it.</param>
    /// <param name="current">The Secret in use; null where there is none.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="AlreadyExistsException">It was made since it was looked for.</exception>
    /// <exception cref="ConflictException">It was changed since it was read.</exception>
    public Task<Secret> StageAsync(CertificateRenewalPolicy policy, CertificateRenewalRun run, Secret? state, ICertificateKey? key, Secret? current, CancellationToken cancellationToken)
    {
        var data = new Dictionary<string, byte[]>(state?.Data ?? []);
        data.Remove(StagedKey);
        data.Remove(StagedReference);
        switch (key)
        {
            case { Reference: { } reference }:
                data[StagedReference] = Encoding.UTF8.GetBytes(reference.ToJson());
                break;

            case { Exported: { } exported }:
                data[StagedKey] = Encoding.ASCII.GetBytes(exported.ToPkcs8Pem());
                break;
        }

        Archive(data, current);
        var secret = new Secret
        {
            Metadata = new ObjectMeta
            {
                Name = Naming.StateSecret(policy.Metadata.Name),
                Namespace = policy.Metadata.Namespace,
                ResourceVersion = state?.Metadata.ResourceVersion,
                Labels = new Dictionary<string, string>
                {
                    [WellKnown.ManagedByLabel] = WellKnown.ManagedByValue,
                    [WellKnown.PolicyLabel] = Naming.Label(policy.Metadata.Name),
                },
                Annotations = new Dictionary<string, string> { [WellKnown.StagedForRun] = run.Metadata.Uid! },
                OwnerReferences = [Ownership.By(policy)],
            },
            Type = WellKnown.StateSecretType,
            Data = data,
        };
        return state is null ? _secrets.CreateAsync(secret, cancellationToken) : _secrets.UpdateAsync(secret, cancellationToken);
    }

    /// <summary>The pairs that were replaced, the last one first.</summary>
    public static IEnumerable<KeptPair> KeptPairs(Secret? state)
        => state is not { Type: WellKnown.StateSecretType, Data: { } data }
            ? []
            : new[] { Pair(data, Previous), Pair(data, Older) }.OfType<KeptPair>();

    /// <summary>Keeps the pair that is about to be replaced by an earlier one.</summary>
    /// <param name="state">The Secret as it was read.</param>
    /// <param name="current">The Secret in use; null where there is none.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="ConflictException">It was changed since it was read.</exception>
    public async Task ArchiveAsync(Secret state, Secret? current, CancellationToken cancellationToken)
    {
        var data = new Dictionary<string, byte[]>(state.Data ?? []);
        if (Archive(data, current))
        {
            await _secrets.UpdateAsync(new Secret { Metadata = state.Metadata, Type = state.Type, Data = data }, cancellationToken);
        }
    }

    /// <summary>Deletes the state of a policy that no longer exists; that of a new policy of the same name stays.</summary>
    public async Task DeleteAsync(string @namespace, string policy, string policyUid, CancellationToken cancellationToken)
    {
        var state = await _secrets.FindAsync(Name(@namespace, policy), cancellationToken);
        if (state is { Type: WellKnown.StateSecretType } && state.Metadata.OwnerReferences?.Any(o => o.Uid == policyUid) == true)
        {
            await Deletion.TryDeleteAsync(_secrets, state, cancellationToken);
        }
    }

    private static NamespacedName Name(string @namespace, string policy) => new(@namespace, Naming.StateSecret(policy));

    /// <summary>A failed run is followed by another with the same pair in use: that pair must not push out the one before it.</summary>
    private static bool Archive(Dictionary<string, byte[]> data, Secret? current)
    {
        if (current?.Data is not { } pair || TlsSecretContents.Parse(pair) is not TlsSecretContents.Pair
            || data.GetValueOrDefault($"{Previous}.crt")?.AsSpan().SequenceEqual(pair[WellKnown.TlsCertificateKey]) == true)
        {
            return false;
        }

        if (Pair(data, Previous) is { } previous)
        {
            Put(data, Older, previous);
        }

        var annotations = current.Metadata.Annotations;
        Put(data, Previous, new KeptPair(pair[WellKnown.TlsCertificateKey], pair[WellKnown.TlsPrivateKeyKey], annotations?.GetValueOrDefault(WellKnown.SecretServer), annotations?.GetValueOrDefault(WellKnown.SecretTakenOverFrom)));
        return true;
    }

    private static KeptPair? Pair(Dictionary<string, byte[]> data, string slot)
        => data.TryGetValue($"{slot}.crt", out var certificate) && data.TryGetValue($"{slot}.key", out var key)
            ? new KeptPair(certificate, key, Text(data, $"{slot}.server"), Text(data, $"{slot}.taken-over-from"))
            : null;

    private static void Put(Dictionary<string, byte[]> data, string slot, KeptPair pair)
    {
        data[$"{slot}.crt"] = pair.Certificate;
        data[$"{slot}.key"] = pair.PrivateKey;
        SetText(data, $"{slot}.server", pair.Server);
        SetText(data, $"{slot}.taken-over-from", pair.TakenOverFrom);
    }

    private static string? Text(Dictionary<string, byte[]> data, string key) => data.TryGetValue(key, out var value) ? Encoding.UTF8.GetString(value) : null;

    private static void SetText(Dictionary<string, byte[]> data, string key, string? text)
    {
        data.Remove(key);
        if (text is not null)
        {
            data[key] = Encoding.UTF8.GetBytes(text);
        }
    }
}

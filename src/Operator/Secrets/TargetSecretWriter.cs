using System.Text;
using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Pki;

namespace CertOperator.Operator.Secrets;

/// <summary>Reads and writes the Secret that a policy is about. A pair is written in one request, so key and certificate always match.</summary>
public sealed class TargetSecretWriter(IKubernetesClient client)
{
    private readonly IResourceClient<Secret> _secrets = client.Resource(CoreResources.Secrets);

    public Task<Secret?> FindAsync(string @namespace, string name, CancellationToken cancellationToken)
        => _secrets.FindAsync(new NamespacedName(@namespace, name), cancellationToken);

    /// <summary>Server-side apply: what others keep in the Secret stays, what this operator no longer wants goes.</summary>
    /// <param name="owner">The policy.</param>
    /// <param name="policy">What it wants.</param>
    /// <param name="origin">Where the pair comes from.</param>
    /// <param name="existing">The Secret as it was read; another version ends in a conflict. Null where there was none.</param>
    /// <param name="key">The private key, or where it is.</param>
    /// <param name="chain">The certificate and its issuers.</param>
    /// <param name="password">For Pkcs12.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task WriteAsync(
        CertificateRenewalPolicy owner,
        ResolvedPolicy policy,
        PairOrigin origin,
        Secret? existing,
        ICertificateKey key,
        CertificateChain chain,
        string? password,
        CancellationToken cancellationToken)
    {
        var data = new Dictionary<string, byte[]>
        {
            [WellKnown.TlsCertificateKey] = Encoding.ASCII.GetBytes(chain.ToPem()),
        };
        // Also beside a key that the Secret holds: the backend tells by it which of its keys is in use.
        if (key.Reference is { } reference)
        {
            data[WellKnown.KeyReferenceKey] = Encoding.UTF8.GetBytes(reference.ToJson());
        }
        else if (policy.KeyStays)
        {
            throw new InvalidOperationException("A key that stays elsewhere says where.");
        }

        if (!policy.KeyStays)
        {
            AddKey(data, policy, key.Exported ?? throw new InvalidOperationException("The Secret is to hold a key that cannot be had."), chain, password);
        }

        await _secrets.ApplyAsync(
            new Secret
            {
                Metadata = new ObjectMeta
                {
                    Name = policy.SecretName,
                    Namespace = owner.Metadata.Namespace,
                    ResourceVersion = existing?.Metadata.ResourceVersion,
                    Labels = new Dictionary<string, string>(policy.Template.Labels ?? new Dictionary<string, string>())
                    {
                        [WellKnown.ManagedByLabel] = WellKnown.ManagedByValue,
                        [WellKnown.PolicyLabel] = Naming.Label(owner.Metadata.Name),
                    },
                    Annotations = Annotations(owner, policy, origin, chain, existing),
                },
                Type = TargetSecretInspector.TypeOf(policy),
                Data = data,
            },
            CertOperatorApi.FieldManager,
            force: true,
            cancellationToken);
    }

    private static void AddKey(Dictionary<string, byte[]> data, ResolvedPolicy policy, PrivateKeyPair key, CertificateChain chain, string? password)
    {
        data[WellKnown.TlsPrivateKeyKey] = Encoding.ASCII.GetBytes(key.ToPkcs8Pem());
        foreach (var output in policy.Outputs)
        {
            data[SecretOutputNames.Of(output.Type)] = output.Type switch
            {
                SecretOutputKind.CombinedPem => SecretOutputs.CombinedPem(key, chain),
                SecretOutputKind.Der => SecretOutputs.Der(key),
                _ => SecretOutputs.Pkcs12(key, chain, password ?? throw new InvalidOperationException("A PKCS#12 key store needs a password.")),
            };
        }
    }

    /// <summary>Deletes a Secret that a run has made for a policy that no longer exists.</summary>
    public async Task DeleteIfCreatedByAsync(string @namespace, string name, string run, string policyUid, CancellationToken cancellationToken)
    {
        var secret = await FindAsync(@namespace, name, cancellationToken);
        if (secret?.Metadata.Annotations is { } annotations
            && annotations.GetValueOrDefault(WellKnown.SecretCreatedByRun) == run
            && annotations.GetValueOrDefault(WellKnown.SecretPolicyUid) == policyUid)
        {
            await Deletion.TryDeleteAsync(_secrets, secret, cancellationToken);
        }
    }

    private static Dictionary<string, string> Annotations(CertificateRenewalPolicy owner, ResolvedPolicy policy, PairOrigin origin, CertificateChain chain, Secret? existing)
    {
        var annotations = new Dictionary<string, string>(policy.Template.Annotations ?? new Dictionary<string, string>())
        {
            [WellKnown.SecretPolicy] = owner.Metadata.Name,
            [WellKnown.SecretPolicyUid] = owner.Metadata.Uid ?? "",
            [WellKnown.SecretHostname] = policy.Names[0],
            [WellKnown.SecretRun] = origin.Run,
            [WellKnown.SecretFingerprint] = chain.Facts.Fingerprint,
            [WellKnown.SecretServer] = origin.Server ?? policy.Issuer.Server.AbsoluteUri,
        };
        if (policy.KeyBackend is { } backend && origin.TakenOverFrom is null)
        {
            annotations[WellKnown.SecretKeyBackend] = backend.Identity;
        }

        if (origin.TakenOverFrom is not null)
        {
            annotations[WellKnown.SecretTakenOverFrom] = origin.TakenOverFrom;
        }

        var creator = existing is null ? origin.Run : existing.Metadata.Annotations?.GetValueOrDefault(WellKnown.SecretCreatedByRun);
        if (creator is not null)
        {
            annotations[WellKnown.SecretCreatedByRun] = creator;
        }

        return annotations;
    }
}

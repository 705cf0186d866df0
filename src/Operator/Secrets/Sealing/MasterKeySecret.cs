using System.Text;
using CertOperator.Crds;
using CertOperator.Kubernetes;

namespace CertOperator.Operator.Secrets.Sealing;

/// <summary>Master keys in a Secret of the operator's own namespace; made by the first operator that needs them.</summary>
public sealed class MasterKeySecret(IKubernetesClient client, string @namespace, TimeProvider time) : IMasterKeys, IDisposable
{
    public const string SecretName = "certoperator-master-key";

    /// <summary>The key in it that holds the text which <see cref="MasterKeyRing"/> reads.</summary>
    public const string KeysKey = "keys";

    private static readonly TimeSpan ReadInterval = TimeSpan.FromMinutes(5);

    private readonly IResourceClient<Secret> _secrets = client.Resource(CoreResources.Secrets);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private MasterKeyRing? _ring;
    private DateTimeOffset _readAgain;

    public async ValueTask<MasterKeyRing> GetAsync(CancellationToken cancellationToken) => (await ReadAsync(create: true, reload: false, cancellationToken))!;

    public async ValueTask<MasterKeyRing> ReloadAsync(CancellationToken cancellationToken) => (await ReadAsync(create: true, reload: true, cancellationToken))!;

    public ValueTask<MasterKeyRing?> FindAsync(CancellationToken cancellationToken) => ReadAsync(create: false, reload: false, cancellationToken);

    public void Dispose() => _gate.Dispose();

    private async ValueTask<MasterKeyRing?> ReadAsync(bool create, bool reload, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_ring is not null && !reload && time.GetUtcNow() < _readAgain)
            {
                return _ring;
            }

            var secret = await _secrets.FindAsync(new NamespacedName(@namespace, SecretName), cancellationToken);
            // Somebody has deleted the Secret: what was sealed with its keys is lost with this process, unless they are stored again.
            if (secret is null && (create || _ring is not null))
            {
                secret = await CreateAsync(_ring ?? MasterKeyRing.Create(time.GetUtcNow()), cancellationToken);
            }

            if (secret is null)
            {
                return null;
            }

            _ring = Parse(secret);
            _readAgain = time.GetUtcNow() + ReadInterval;
            return _ring;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Of two replicas that make it, the first wins; the other one reads what it has made.</summary>
    private async Task<Secret> CreateAsync(MasterKeyRing ring, CancellationToken cancellationToken)
    {
        try
        {
            return await _secrets.CreateAsync(
                new Secret
                {
                    Metadata = new ObjectMeta
                    {
                        Name = SecretName,
                        Namespace = @namespace,
                        Labels = new Dictionary<string, string> { [WellKnown.ManagedByLabel] = WellKnown.ManagedByValue },
                    },
                    Type = WellKnown.MasterKeySecretType,
                    Data = new Dictionary<string, byte[]> { [KeysKey] = Encoding.ASCII.GetBytes(ring.ToText()) },
                },
                cancellationToken);
        }
        catch (AlreadyExistsException)
        {
            return await _secrets.GetAsync(new NamespacedName(@namespace, SecretName), cancellationToken);
        }
    }

    private MasterKeyRing Parse(Secret secret)
    {
        var source = $"Secret {@namespace}/{SecretName}, key {KeysKey}";
        return secret.Data?.GetValueOrDefault(KeysKey) switch
        {
            null => throw new MasterKeyException($"{source}, is missing. Restore the Secret from a backup, or delete it to have a new one made; then keys in progress and earlier pairs are lost."),
            { Length: > MasterKeyRing.MaxBytes } => throw new MasterKeyException($"{source}, is larger than {MasterKeyRing.MaxBytes / 1024} KiB, which no ring of master keys is."),
            var text => MasterKeyRing.Parse(Encoding.UTF8.GetString(text), source),
        };
    }
}

using System.Text;
using CertOperator.Crds;
using CertOperator.Kubernetes;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Secrets.Sealing;

/// <summary>Master keys in a Secret of the operator's own namespace; made by the first operator that needs them.</summary>
public sealed partial class MasterKeySecret(IKubernetesClient client, string @namespace, MasterKeyUnwrapping unwrapping, TimeProvider time, ILogger<MasterKeySecret> logger) : IMasterKeys, IDisposable
{
    public const string SecretName = "certoperator-master-key";

    /// <summary>The key in it that holds the text that <see cref="MasterKeyText"/> reads.</summary>
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
                secret = await CreateAsync(_ring ?? Make(), cancellationToken);
            }

            if (secret is null)
            {
                return null;
            }

            _ring = await OpenAsync(Parse(secret), cancellationToken);
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

    /// <summary>Whoever says that keys are wrapped does not want one in plain text.</summary>
    private MasterKeyRing Make()
        => unwrapping.Field is { } field
            ? throw new MasterKeyException($"Secret {@namespace}/{SecretName} does not exist, and {field} says that master keys are wrapped. Make a wrapped key and store it there, under {KeysKey}.") { MayPass = true }
            : MasterKeyRing.Create(time.GetUtcNow());

    /// <summary>Keys that cannot be unwrapped now leave those in use that were read before.</summary>
    private async Task<MasterKeyRing> OpenAsync(MasterKeyText text, CancellationToken cancellationToken)
    {
        try
        {
            return await unwrapping.OpenAsync(text, cancellationToken);
        }
        catch (MasterKeyException e) when (e.MayPass && _ring is not null)
        {
            LogKept(e.Message);
            return _ring;
        }
    }

    private MasterKeyText Parse(Secret secret)
    {
        var source = $"Secret {@namespace}/{SecretName}, key {KeysKey}";
        return secret.Data?.GetValueOrDefault(KeysKey) switch
        {
            null => throw new MasterKeyException($"{source}, is missing. Restore the Secret from a backup, or delete it to have a new one made; then keys in progress and earlier pairs are lost."),
            { Length: > MasterKeyRing.MaxBytes } => throw new MasterKeyException($"{source}, is larger than {MasterKeyRing.MaxBytes / 1024} KiB, which no ring of master keys is."),
            var text => MasterKeyText.Parse(Encoding.UTF8.GetString(text), source),
        };
    }

    [LoggerMessage(1, LogLevel.Warning, "The master keys that were read before stay in use. {Message}")]
    private partial void LogKept(string message);
}

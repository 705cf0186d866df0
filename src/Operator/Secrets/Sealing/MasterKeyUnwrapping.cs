using CertOperator.Operator.Options;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Keys;

namespace CertOperator.Operator.Secrets.Sealing;

/// <summary>
/// Makes keys of what is written down. What is wrapped is decrypted once and remembered, in memory alone; where that fails it is not tried
/// again at once, however often it is asked for.
/// </summary>
/// <param name="unwrappers">Who decrypts, by scheme.</param>
/// <param name="time">The clock.</param>
public sealed class MasterKeyUnwrapping(IReadOnlyDictionary<string, IKeyUnwrapper> unwrappers, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private Dictionary<WrappedKey, byte[]> _known = [];
    private (WrappedKey Key, MasterKeyException Why, DateTimeOffset Until, TimeSpan Wait)? _refusal;

    /// <summary>For keys that are all in plain text.</summary>
    public static MasterKeyUnwrapping None => new(new Dictionary<string, IKeyUnwrapper>(), TimeProvider.System);

    /// <summary>Where whoever runs the operator has said that keys are wrapped; null where nobody has.</summary>
    public string? Field => unwrappers.Count == 0 ? null : string.Join(" and ", unwrappers.Values.Select(u => u.Field));

    /// <exception cref="MasterKeyException">A key is wrapped in a way that the operator was given no means for.</exception>
    public void Check(MasterKeyText text)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (var line in text.Lines.Where(l => l.Wrapped is { } wrapped && !unwrappers.ContainsKey(wrapped.Scheme)))
        {
            var flag = line.Wrapped!.Scheme == WrappingSchemes.Vault ? MasterKeyWrappingOptions.VaultAddressFlag : MasterKeyWrappingOptions.KmsKeyFlag;
            throw new MasterKeyException($"{text.Source}: master key {line.Id} is wrapped ({line.Wrapped.Scheme}:), and the operator was not told by what. Set {flag}.");
        }
    }

    /// <exception cref="MasterKeyException">A key cannot be decrypted, now or at all.</exception>
    public async Task<MasterKeyRing> OpenAsync(MasterKeyText text, CancellationToken cancellationToken)
    {
        Check(text);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var keys = new List<MasterKey>();
            var opened = new Dictionary<WrappedKey, byte[]>();
            foreach (var line in text.Lines)
            {
                if (line.Wrapped is { } wrapped)
                {
                    opened[wrapped] = _known.TryGetValue(wrapped, out var known) ? known : await UnwrapAsync(text.Source, line.Id, wrapped, cancellationToken);
                    _known[wrapped] = opened[wrapped];
                }

                keys.Add(new MasterKey(line.Id, line.Material ?? opened[line.Wrapped!]) { Wrapped = line.Wrapped?.ToString() });
            }

            (_known, _refusal) = (opened, null);
            return MasterKeyRing.Of(keys);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task<byte[]> UnwrapAsync(string source, string id, WrappedKey wrapped, CancellationToken cancellationToken)
    {
        if (_refusal is { } earlier && earlier.Key == wrapped && time.GetUtcNow() < earlier.Until)
        {
            throw earlier.Why;
        }

        MasterKeyException refused;
        try
        {
            var material = await unwrappers[wrapped.Scheme].UnwrapAsync(wrapped.Ciphertext, cancellationToken);
            if (material.Length == MasterKey.MaterialBytes)
            {
                return material;
            }

            refused = Refused($"What was wrapped is {material.Length} bytes long, and a master key has {MasterKey.MaterialBytes}. Make the line anew.", null);
        }
        catch (IssuanceException e)
        {
            refused = Refused(e.Message, e);
        }

        var wait = _refusal is { } before && before.Key == wrapped ? TimeSpan.FromTicks(Math.Min(before.Wait.Ticks * 2, LongestWait.Ticks)) : FirstWait;
        _refusal = (wrapped, refused, time.GetUtcNow() + wait, wait);
        throw refused;

        MasterKeyException Refused(string why, Exception? inner) => new($"{source}: master key {id} could not be unwrapped. {why}", inner) { MayPass = true };
    }
}

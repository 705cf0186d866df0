using CertOperator.Operator.Options;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Secrets.Sealing;

/// <summary>Master keys in a file, such as one of a mounted Secret; read again when it has changed.</summary>
public sealed partial class MasterKeyFile : IMasterKeys, IDisposable
{
    /// <summary>A mounted Secret is a symbolic link that is swapped, of which no time of a file tells: so the text is compared.</summary>
    private static readonly TimeSpan ReadInterval = TimeSpan.FromSeconds(10);

    private readonly string _path;
    private readonly MasterKeyUnwrapping _unwrapping;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private MasterKeyRing? _ring;
    private DateTimeOffset _readAgain;
    private string? _complaint;

    /// <exception cref="MasterKeyException">There is no such file, it holds something else, or keys that the operator has no means to unwrap.</exception>
    public MasterKeyFile(string path, MasterKeyUnwrapping unwrapping, TimeProvider time, ILogger<MasterKeyFile> logger)
    {
        ArgumentNullException.ThrowIfNull(unwrapping);
        (_path, _unwrapping, _time, _logger) = (path, unwrapping, time, logger);
        var text = Read();
        unwrapping.Check(text);
        if (text.Plain is { } ring)
        {
            (_ring, _readAgain) = (ring, time.GetUtcNow() + ReadInterval);
        }
    }

    public async ValueTask<MasterKeyRing> GetAsync(CancellationToken cancellationToken) => await ReadAsync(reload: false, cancellationToken);

    public async ValueTask<MasterKeyRing> ReloadAsync(CancellationToken cancellationToken) => await ReadAsync(reload: true, cancellationToken);

    public async ValueTask<MasterKeyRing?> FindAsync(CancellationToken cancellationToken) => await GetAsync(cancellationToken);

    public void Dispose() => _gate.Dispose();

    private async Task<MasterKeyRing> ReadAsync(bool reload, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_ring is null)
            {
                _ring = await _unwrapping.OpenAsync(Read(), cancellationToken);
                _readAgain = _time.GetUtcNow() + ReadInterval;
                LogUnwrapped(_logger, _path, _ring.First.Id, _ring.Keys.Count);
            }
            else if (reload || _time.GetUtcNow() >= _readAgain)
            {
                _readAgain = _time.GetUtcNow() + ReadInterval;
                _ring = await RefreshAsync(_ring, cancellationToken);
            }

            return _ring;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>A file that is spoilt while the operator works, or keys that cannot be unwrapped then, must not end it: what it knows is good until somebody mends that.</summary>
    private async Task<MasterKeyRing> RefreshAsync(MasterKeyRing known, CancellationToken cancellationToken)
    {
        try
        {
            var ring = await _unwrapping.OpenAsync(Read(), cancellationToken);
            _complaint = null;
            if (ring.Equals(known))
            {
                return known;
            }

            LogReloaded(_logger, _path, ring.First.Id, ring.Keys.Count);
            return ring;
        }
        catch (MasterKeyException e)
        {
            if (_complaint != e.Message)
            {
                _complaint = e.Message;
                LogKept(_logger, e.Message);
            }

            return known;
        }
    }

    private MasterKeyText Read()
    {
        try
        {
            return CappedFile.ReadText(_path, MasterKeyRing.MaxBytes) is { } text
                ? MasterKeyText.Parse(text, $"--master-key-file {_path}")
                : throw new MasterKeyException($"--master-key-file {_path} is larger than {MasterKeyRing.MaxBytes / 1024} KiB, which no file with master keys is.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MasterKeyException($"--master-key-file {_path} cannot be read: {e.Message}", e);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Master keys were read again from {Path}: {Key} seals now; there are {Count} keys.")]
    private static partial void LogReloaded(ILogger logger, string path, string key, int count);

    [LoggerMessage(2, LogLevel.Warning, "The master keys that were read before stay in use. {Message}")]
    private static partial void LogKept(ILogger logger, string message);

    [LoggerMessage(3, LogLevel.Information, "Master keys from {Path} were unwrapped: {Key} seals; there are {Count} keys.")]
    private static partial void LogUnwrapped(ILogger logger, string path, string key, int count);
}

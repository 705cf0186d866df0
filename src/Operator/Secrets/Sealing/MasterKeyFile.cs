using System.Text;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Secrets.Sealing;

/// <summary>Master keys in a file, such as one of a mounted Secret; read again when it has changed.</summary>
public sealed partial class MasterKeyFile : IMasterKeys
{
    /// <summary>A mounted Secret is a symbolic link that is swapped, of which no time of a file tells: so the text is compared.</summary>
    private static readonly TimeSpan ReadInterval = TimeSpan.FromSeconds(10);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private MasterKeyRing _ring;
    private DateTimeOffset _readAgain;
    private string? _complaint;

    /// <exception cref="MasterKeyException">There is no such file, or it holds something else.</exception>
    public MasterKeyFile(string path, TimeProvider time, ILogger<MasterKeyFile> logger)
    {
        (_path, _time, _logger) = (path, time, logger);
        _ring = Read();
        _readAgain = time.GetUtcNow() + ReadInterval;
    }

    public ValueTask<MasterKeyRing> GetAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_time.GetUtcNow() >= _readAgain)
            {
                _readAgain = _time.GetUtcNow() + ReadInterval;
                Refresh();
            }

            return new ValueTask<MasterKeyRing>(_ring);
        }
    }

    public ValueTask<MasterKeyRing> ReloadAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _readAgain = DateTimeOffset.MinValue;
        }

        return GetAsync(cancellationToken);
    }

    public async ValueTask<MasterKeyRing?> FindAsync(CancellationToken cancellationToken) => await GetAsync(cancellationToken);

    /// <summary>A file that is spoilt while the operator works must not end it: what it knows is good until somebody mends the file.</summary>
    private void Refresh()
    {
        try
        {
            var ring = Read();
            _complaint = null;
            if (!ring.Equals(_ring))
            {
                _ring = ring;
                LogReloaded(_logger, _path, ring.First.Id, ring.Keys.Count);
            }
        }
        catch (MasterKeyException e)
        {
            if (_complaint != e.Message)
            {
                _complaint = e.Message;
                LogKept(_logger, e.Message);
            }
        }
    }

    private MasterKeyRing Read()
    {
        try
        {
            using var stream = File.OpenRead(_path);
            var buffer = new byte[MasterKeyRing.MaxBytes + 1];
            var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return length > MasterKeyRing.MaxBytes
                ? throw new MasterKeyException($"--master-key-file {_path} is larger than {MasterKeyRing.MaxBytes / 1024} KiB, which no file with master keys is.")
                : MasterKeyRing.Parse(Encoding.UTF8.GetString(buffer, 0, length), $"--master-key-file {_path}");
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
}

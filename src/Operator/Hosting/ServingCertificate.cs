using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertOperator.Operator.Options;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Hosting;

/// <summary>
/// The certificate of a port: that of two files, read again when they change, or one of the operator's own as long as there are
/// none. The files may be those of a Secret that the operator itself has yet to write.
/// </summary>
/// <param name="certificatePath">The certificate and its chain in PEM; null for one of the operator's own.</param>
/// <param name="keyPath">Its key in PEM.</param>
/// <param name="time">Says when to look again.</param>
/// <param name="logger">Is told of changes.</param>
public sealed partial class ServingCertificate(string? certificatePath, string? keyPath, TimeProvider time, ILogger<ServingCertificate> logger)
{
    /// <summary>A mounted Secret is a symbolic link that is swapped, of which no time of a file tells: so the text is compared.</summary>
    private static readonly TimeSpan ReadInterval = TimeSpan.FromSeconds(10);
    private const int MaxBytes = 1 << 20;

    private readonly Lock _lock = new();
    private (string Certificate, string Key) _read;
    private SslStreamCertificateContext? _current;
    private DateTimeOffset _readAgain;
    private DateTimeOffset _makeAgain;
    private string? _complaint;

    /// <summary>What a connection that begins now is served with.</summary>
    public SslStreamCertificateContext Current()
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (now >= _readAgain)
            {
                _readAgain = now + ReadInterval;
                Refresh();
            }

            if (_current is null || now >= _makeAgain)
            {
                _current = OwnCertificate.Create(now);
                _makeAgain = now + (OwnCertificate.Lifetime / 2);
                LogMade(logger);
            }

            return _current;
        }
    }

    /// <summary>Files in the middle of being replaced do not fit, and spoilt ones must not end the metrics: what is served stays.</summary>
    private void Refresh()
    {
        if (certificatePath is null || keyPath is null)
        {
            return;
        }

        try
        {
            var read = (ReadFile(certificatePath), ReadFile(keyPath));
            if (read != _read)
            {
                _current = Parse(read);
                _read = read;
                _makeAgain = DateTimeOffset.MaxValue;
                LogRead(logger, certificatePath, _current.TargetCertificate.NotAfter.ToUniversalTime());
            }

            _complaint = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            if (_complaint != e.Message)
            {
                _complaint = e.Message;
                LogKept(logger, certificatePath, keyPath, e.Message);
            }
        }
    }

    private static SslStreamCertificateContext Parse((string Certificate, string Key) pem)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(pem.Certificate);
        var leaf = X509Certificate2.CreateFromPem(pem.Certificate, pem.Key);
        chain.RemoveAt(0);
        return SslStreamCertificateContext.Create(leaf, chain, offline: true);
    }

    private static string ReadFile(string path)
        => CappedFile.ReadText(path, MaxBytes) ?? throw new IOException($"{path} is larger than {MaxBytes / 1024} KiB, which no certificate or key is.");

    [LoggerMessage(1, LogLevel.Information, "The metrics are served with the certificate in {Path}, which is valid until {NotAfter:u}.")]
    private static partial void LogRead(ILogger logger, string path, DateTime notAfter);

    [LoggerMessage(2, LogLevel.Information, "The metrics are served with a self-signed certificate, which scrapers cannot verify.")]
    private static partial void LogMade(ILogger logger);

    [LoggerMessage(3, LogLevel.Warning, "The metrics are served with the certificate that was used before, or a self-signed one, because {Certificate} and {Key} are no pair that can be used: {Message}")]
    private static partial void LogKept(ILogger logger, string certificate, string key, string message);
}

namespace CertOperator.Kubernetes;

/// <summary>Material that is read again after a minute, when it is in a file. An unchanged file gives the same array.</summary>
internal sealed class CachedMaterial(CredentialMaterial material, TimeProvider timeProvider)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private byte[]? _bytes;
    private long _readAt;

    public string Origin => material.Origin;

    public byte[] Read()
    {
        lock (_gate)
        {
            if (_bytes is null || (material.Path is not null && timeProvider.GetElapsedTime(_readAt) >= MaxAge))
            {
                _readAt = timeProvider.GetTimestamp();
                _bytes = ReadAgain();
            }

            return _bytes;
        }
    }

    /// <summary>The server refused what the file held: look again.</summary>
    public void Expire()
    {
        lock (_gate)
        {
            _readAt = timeProvider.GetTimestamp() - (long)(MaxAge.TotalSeconds * timeProvider.TimestampFrequency);
        }
    }

    private byte[] ReadAgain()
    {
        try
        {
            var bytes = material.Read();
            return _bytes is not null && bytes.AsSpan().SequenceEqual(_bytes) ? _bytes : bytes;
        }
        catch (KubernetesConfigurationException) when (_bytes is not null)
        {
            // A file in the middle of being replaced: what was read before may still be good, and the server will say if not.
            return _bytes;
        }
    }
}

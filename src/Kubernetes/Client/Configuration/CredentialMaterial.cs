namespace CertOperator.Kubernetes;

/// <summary>A certificate, key or token: bytes that are at hand, or a file that may be replaced while the process runs.</summary>
public sealed class CredentialMaterial
{
    private const int MaxBytes = 1024 * 1024;

    private readonly byte[]? _bytes;

    private CredentialMaterial(string origin, byte[]? bytes, string? path)
    {
        Origin = origin;
        _bytes = bytes;
        Path = path;
    }

    /// <summary>Where it was named, for messages: file and field.</summary>
    public string Origin { get; }

    /// <summary>Null when it is not in a file of its own.</summary>
    public string? Path { get; }

    public static CredentialMaterial FromBytes(byte[] bytes, string origin) => new(origin, bytes, null);

    public static CredentialMaterial FromFile(string path, string origin) => new(origin, null, path);

    /// <summary>The content as it is now, at most 1 MiB.</summary>
    /// <exception cref="KubernetesConfigurationException">The file cannot be read, or is empty or too large.</exception>
    public byte[] Read()
    {
        var bytes = _bytes ?? ReadFile(Path!);
        return bytes.Length > 0 ? bytes : throw new KubernetesConfigurationException($"{Describe()} is empty");
    }

    /// <summary>The origin, and never the content.</summary>
    public override string ToString() => Describe();

    private string Describe() => Path is null ? Origin : $"{Origin} (file {Path})";

    private byte[] ReadFile(string path)
    {
        try
        {
            using var stream = new CappedStream(File.OpenRead(path), MaxBytes);
            var content = new MemoryStream();
            stream.CopyTo(content);
            return content.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubernetesConfigurationException($"{Describe()} cannot be read: {e.Message}", e);
        }
    }
}

namespace CertOperator.Kubernetes.Tests.Client;

/// <summary>Gives at most so many bytes at a time, as a network does.</summary>
internal sealed class ChunkStream(byte[] bytes, int chunk) : MemoryStream(bytes, writable: false)
{
    public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, chunk)]);

    public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, chunk));

    public long Taken { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        var read = base.Read(buffer.Span[..Math.Min(buffer.Length, chunk)]);
        Taken += read;
        return read;
    }
}

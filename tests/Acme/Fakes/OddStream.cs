namespace CertOperator.Acme.Tests.Fakes;

/// <summary>A body that never ends, never comes, or breaks off.</summary>
public sealed class OddStream(OddStream.Behaviour behaviour) : Stream
{
    public enum Behaviour
    {
        Endless,
        Stalled,
        Broken,
    }

    public long Delivered { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        switch (behaviour)
        {
            case Behaviour.Stalled:
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
                return 0;
            case Behaviour.Broken:
                throw new IOException("The connection was reset.");
            default:
                buffer.Span.Fill((byte)' ');
                Delivered += buffer.Length;
                return buffer.Length;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

using System.Buffers;
using System.IO.Pipelines;

namespace CertOperator.Kubernetes;

/// <summary>Cuts the stream of a watch into its lines, in place: a line is a view of the pipe's own buffers.</summary>
internal sealed class WatchFrames(Stream stream, int maxFrame) : IAsyncDisposable
{
    private readonly PipeReader _reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024));
    private SequencePosition? _next;

    /// <summary>The line, without its end; valid until the next is asked for.</summary>
    public ReadOnlySequence<byte> Current { get; private set; }

    /// <summary>False when the server has ended the stream after a whole line.</summary>
    /// <exception cref="IOException">The line is too long, or the stream ended within it.</exception>
    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        if (_next is { } consumed)
        {
            _reader.AdvanceTo(consumed);
            _next = null;
        }

        // A line that comes in many pieces is searched once, not anew with each piece.
        var searched = 0L;
        while (true)
        {
            var result = await _reader.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            if (buffer.Slice(searched).PositionOf((byte)'\n') is { } end)
            {
                Current = buffer.Slice(0, end);
                _next = buffer.GetPosition(1, end);
                return Current.Length <= maxFrame ? true : throw new AnswerTooLargeException(maxFrame);
            }

            searched = buffer.Length;
            if (searched > maxFrame)
            {
                throw new AnswerTooLargeException(maxFrame);
            }

            if (result.IsCompleted)
            {
                return searched == 0 ? false : throw new EndOfStreamException("the stream ended within a line");
            }

            _reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    public ValueTask DisposeAsync() => _reader.CompleteAsync();
}

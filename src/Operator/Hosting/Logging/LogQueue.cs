using System.Threading.Channels;

namespace CertOperator.Operator.Hosting.Logging;

/// <summary>
/// Writes lines in the background, so that a reader of standard output that has stopped does not stop the operator. When the
/// queue is full lines are dropped and counted, and the count is written as soon as there is room.
/// </summary>
internal sealed class LogQueue : IDisposable
{
    private static readonly TimeSpan FlushAtExit = TimeSpan.FromSeconds(5);
    private readonly Channel<byte[]> _lines;
    private readonly Stream _output;
    private readonly Func<long, byte[]> _droppedLine;
    private readonly Task _writer;
    private long _dropped;

    /// <param name="output">Where to; not closed.</param>
    /// <param name="capacity">Lines that may wait.</param>
    /// <param name="droppedLine">The line that tells of so many dropped ones.</param>
    public LogQueue(Stream output, int capacity, Func<long, byte[]> droppedLine)
    {
        _output = output;
        _droppedLine = droppedLine;
        _lines = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(capacity) { SingleReader = true });
        _writer = Task.Run(WriteAsync);
    }

    /// <summary>Never blocks.</summary>
    public void Enqueue(byte[] line)
    {
        if (!_lines.Writer.TryWrite(line))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>Waits until all is written, for five seconds at most.</summary>
    public void Dispose()
    {
        _lines.Writer.TryComplete();
        ((IAsyncResult)_writer).AsyncWaitHandle.WaitOne(FlushAtExit);
    }

    private async Task WriteAsync()
    {
        var reader = _lines.Reader;
        try
        {
            while (await reader.WaitToReadAsync())
            {
                while (reader.TryRead(out var line))
                {
                    await _output.WriteAsync(line);
                }

                if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
                {
                    await _output.WriteAsync(_droppedLine(dropped));
                }

                await _output.FlushAsync();
            }
        }
        catch (IOException e)
        {
            // Nobody reads standard output any more. The operator's work does not depend on that.
            _lines.Writer.TryComplete(e);
        }
    }
}

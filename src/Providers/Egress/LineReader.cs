using System.Text;

namespace CertOperator.Providers.Egress;

/// <summary>Reads lines from a server that might send anything, and no more of one than fits.</summary>
internal sealed class LineReader(Stream stream, int maxLineBytes)
{
    private readonly byte[] _buffer = new byte[maxLineBytes];
    private int _length;

    /// <summary>Whether more has come than the lines that were read.</summary>
    public bool HasMore => _length > 0;

    /// <returns>The line without its end; null where the server closed the connection before one was complete.</returns>
    /// <exception cref="InvalidDataException">The line is longer than any such server has reason to send.</exception>
    public async Task<string?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var end = _buffer.AsSpan(0, _length).IndexOf((byte)'\n');
            if (end >= 0)
            {
                var line = Encoding.Latin1.GetString(_buffer, 0, end).TrimEnd('\r');
                _length -= end + 1;
                _buffer.AsSpan(end + 1, _length).CopyTo(_buffer);
                return line;
            }

            if (_length == _buffer.Length)
            {
                throw new InvalidDataException($"A line is longer than {maxLineBytes} bytes.");
            }

            var read = await stream.ReadAsync(_buffer.AsMemory(_length), cancellationToken);
            if (read == 0)
            {
                return null;
            }

            _length += read;
        }
    }
}

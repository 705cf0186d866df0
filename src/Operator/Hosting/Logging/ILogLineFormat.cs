using System.Buffers;

namespace CertOperator.Operator.Hosting.Logging;

/// <summary>Turns a record into a line of UTF-8 that ends in a line feed.</summary>
internal interface ILogLineFormat
{
    void Write(LogRecord record, IBufferWriter<byte> output);
}

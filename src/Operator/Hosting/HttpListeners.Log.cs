using System.Net;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Hosting;

public sealed partial class HttpListeners
{
    [LoggerMessage(EventId = 1001, EventName = "Listening", Level = LogLevel.Information, Message = "Listening for {Listener} on {Address}")]
    private static partial void LogListening(ILogger logger, string listener, IPEndPoint address);
}

using CertOperator.Kubernetes;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Secrets.Sealing;

/// <summary>
/// Keeps an operator that cannot unwrap its master keys from taking over the work: until then it is not ready, which stops a roll-out, and
/// tries again by itself.
/// </summary>
public sealed partial class MasterKeyReadiness(IMasterKeys keys, TimeProvider time, ILogger<MasterKeyReadiness> logger)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private volatile string? _problem = "the master keys have not been unwrapped yet";

    /// <summary>Why they cannot be used; null when they can.</summary>
    public string? Problem => _problem;

    /// <summary>Ends when the keys can be used. Keys that nobody has made yet do not hold anything up.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        for (var wait = FirstWait; ; wait = wait * 2 > LongestWait ? LongestWait : wait * 2)
        {
            try
            {
                await keys.FindAsync(cancellationToken);
                _problem = null;
                return;
            }
            catch (Exception e) when (e is MasterKeyException or KubernetesException)
            {
                _problem = e.Message;
                LogWaits(e.Message, wait.TotalSeconds);
            }

            await Task.Delay(wait, time, cancellationToken);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "No work is done before the master keys can be used; they are tried again in {Seconds} s. {Message}")]
    private partial void LogWaits(string message, double seconds);
}

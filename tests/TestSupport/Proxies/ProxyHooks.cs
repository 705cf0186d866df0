namespace CertOperator.TestSupport.Proxies;

/// <summary>Where a test takes part in what passes through a proxy. Hooks run for several requests at once.</summary>
public sealed class ProxyHooks<TRequest>
{
    /// <summary>Called before a request is forwarded. What it gives is the answer, and the request goes no further; null forwards it.</summary>
    public Func<TRequest, Task<ProxiedAnswer?>> Before { get; set; } = _ => Task.FromResult<ProxiedAnswer?>(null);

    /// <summary>Called when the server has answered and the client has not heard of it; what it gives is handed on.</summary>
    public Func<TRequest, ProxiedAnswer, Task<ProxiedAnswer>> After { get; set; } = (_, answer) => Task.FromResult(answer);

    /// <summary>Lets everything pass again.</summary>
    public void Clear()
    {
        Before = _ => Task.FromResult<ProxiedAnswer?>(null);
        After = (_, answer) => Task.FromResult(answer);
    }
}

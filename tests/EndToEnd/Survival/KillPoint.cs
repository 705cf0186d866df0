using CertOperator.EndToEnd.Harness;
using CertOperator.TestSupport.Proxies;

namespace CertOperator.EndToEnd.Survival;

/// <summary>An instant in a run at which a test does something to the operator: at one of its requests, on the way there or on the way back.</summary>
public sealed class KillPoint
{
    private readonly bool _before;
    private readonly AcmeRequestKind[] _acme;
    private readonly Func<ApiRequest, bool>? _api;

    private KillPoint(string name, bool before, AcmeRequestKind[] acme, Func<ApiRequest, bool>? api) =>
        (Name, _before, _acme, _api) = ($"{(before ? "before" : "after")} {name}", before, acme, api);

    public string Name { get; }

    /// <summary>The last of these ACME requests, once the others have passed in this order.</summary>
    public static KillPoint Before(string name, params AcmeRequestKind[] path) => new(name, true, path, null);

    /// <inheritdoc cref="Before(string, AcmeRequestKind[])"/>
    public static KillPoint After(string name, params AcmeRequestKind[] path) => new(name, false, path, null);

    public static KillPoint Before(string name, Func<ApiRequest, bool> request) => new(name, true, [], request);

    public static KillPoint After(string name, Func<ApiRequest, bool> request) => new(name, false, [], request);

    /// <summary>Has the operator killed at this instant, once. A request that had not been forwarded by then never is; the answer to one that had been never arrives.</summary>
    /// <returns>Complete when the operator is gone.</returns>
    public Task KillAt(TestCluster cluster, OperatorUnderTest victim) =>
        Arm(cluster, async () =>
        {
            await victim.KillAsync();
            return ProxiedAnswer.Dropped;
        });

    /// <summary>Holds the request at this instant, once, until <paramref name="release"/> completes; then it goes on as if nothing had been.</summary>
    /// <returns>Complete when the request has come.</returns>
    public Task HoldAt(TestCluster cluster, Task release)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Arm(cluster, async () =>
        {
            reached.TrySetResult();
            await release;
            return null;
        });
        return reached.Task;
    }

    public override string ToString() => Name;

    // The action's answer replaces the request (before) or the answer (after); null leaves it.
    private Task Arm(TestCluster cluster, Func<Task<ProxiedAnswer?>> act)
    {
        int passed = 0;
        int fired = 0;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_api is not null)
        {
            Install(cluster.Api.Hooks, _api);
        }
        else
        {
            Install(cluster.Acme.Hooks, request =>
            {
                if (passed < _acme.Length - 1 && request.Kind == _acme[passed])
                {
                    passed++;
                    return false;
                }

                return passed == _acme.Length - 1 && request.Kind == _acme[^1];
            });
        }

        return done.Task;

        void Install<T>(ProxyHooks<T> hooks, Func<T, bool> matches)
        {
            if (_before)
            {
                hooks.Before = async request => await FireAsync(matches(request));
            }
            else
            {
                hooks.After = async (request, answer) => await FireAsync(matches(request)) ?? answer;
            }
        }

        async Task<ProxiedAnswer?> FireAsync(bool matched)
        {
            if (!matched || Interlocked.Exchange(ref fired, 1) != 0)
            {
                return null;
            }

            try
            {
                ProxiedAnswer? answer = await act();
                done.TrySetResult();
                return answer;
            }
            catch (Exception e)
            {
                done.TrySetException(e);
                throw;
            }
        }
    }
}

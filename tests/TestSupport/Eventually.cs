using System.Text.Json;

namespace CertOperator.TestSupport;

/// <summary>Waits for a condition in another process, where no signal can be awaited.</summary>
public static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Reads a value again and again until it is the one that is waited for. A read that throws counts as not yet.</summary>
    /// <param name="read">Gives the present value.</param>
    /// <param name="fits">Whether a value is the one.</param>
    /// <param name="deadline">How long to go on.</param>
    /// <param name="what">Ends the sentence "Waited in vain for ...".</param>
    /// <param name="ct">Ends the wait early.</param>
    /// <returns>The first value that fits.</returns>
    /// <exception cref="TimeoutException">None did before the deadline; says what was read last.</exception>
    public static async Task<T> GetAsync<T>(Func<CancellationToken, Task<T>> read, Func<T, bool> fits, TimeSpan deadline, string what, CancellationToken ct = default)
    {
        using var timeout = new CancellationTokenSource(deadline, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);
        string last = "nothing was read";
        Exception? error = null;
        while (true)
        {
            try
            {
                T value = await read(either.Token);
                if (fits(value))
                {
                    return value;
                }

                (last, error) = ($"the last value was: {Shown(value)}", null);
            }
            catch (OperationCanceledException) when (either.IsCancellationRequested)
            {
                // The deadline fell into the read; what was seen before it says more.
            }
            catch (Exception e)
            {
                (last, error) = ($"the last attempt failed with: {e.Message}", e);
            }

            ct.ThrowIfCancellationRequested();
            if (timeout.IsCancellationRequested)
            {
                throw new TimeoutException($"Waited in vain for {what} during {deadline}; {last}", error);
            }

            await Task.WhenAny(Task.Delay(Interval, TimeProvider.System, either.Token));
        }
    }

    /// <summary>An object of the API is worth nothing by the name of its class, which is what it makes of itself.</summary>
    private static string Shown(object? value)
        => value?.ToString() is { } text && text == value.GetType().ToString() ? JsonSerializer.Serialize(value, value.GetType()) : $"{value}";

    /// <summary>Waits until a condition holds.</summary>
    public static Task TrueAsync(Func<CancellationToken, Task<bool>> condition, TimeSpan deadline, string what, CancellationToken ct = default) =>
        GetAsync(condition, holds => holds, deadline, what, ct);

    /// <summary>Waits until a condition holds.</summary>
    public static Task TrueAsync(Func<bool> condition, TimeSpan deadline, string what, CancellationToken ct = default) =>
        TrueAsync(_ => Task.FromResult(condition()), deadline, what, ct);
}

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace CertOperator.Benchmarks.Bare;

/// <summary>The process that the bare loop runs in.</summary>
public static class BareProgram
{
    public const string Ready = "ready";
    public const string WarmPrefix = "warm";
    public const string DuePrefix = "due";

    /// <summary>Warms up, waits for a line on standard input, works, and prints the seconds it took.</summary>
    public static async Task<int> RunAsync(string json)
    {
        var settings = JsonSerializer.Deserialize(json, BareJsonContext.Default.BareSettings)!;
        await using var loop = await BareLoop.StartAsync(settings, CancellationToken.None);
        await loop.RunAsync(WarmPrefix, settings.WarmUp, CancellationToken.None);
        Console.WriteLine(Ready);
        await Console.In.ReadLineAsync();
        var started = Stopwatch.GetTimestamp();
        await loop.RunAsync(DuePrefix, settings.Count, CancellationToken.None);
        Console.WriteLine(Stopwatch.GetElapsedTime(started).TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture));

        // Until then the process stays, so that its processor time can be read.
        await Console.In.ReadLineAsync();
        return 0;
    }
}

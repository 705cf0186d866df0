using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CertOperator.Benchmarks.Measurements;
using CertOperator.Benchmarks.World;

namespace CertOperator.Benchmarks.Bare;

/// <summary>Runs the bare loop as a process of its own, as the operator is one.</summary>
public static class BareProcess
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(10);

    /// <returns>Seconds for <paramref name="count"/> certificates, until the last of their traces was seen in the cluster; and who used the processor.</returns>
    public static async Task<(double Seconds, string Processor)> RunAsync(BenchWorld world, string @namespace, int count, int warmUp, bool useKubernetes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(world);
        if (useKubernetes)
        {
            await PolicyFleet.CreateAsync(world, @namespace, BareProgram.WarmPrefix, warmUp, null, cancellationToken);
            await PolicyFleet.CreateAsync(world, @namespace, BareProgram.DuePrefix, count, null, cancellationToken);
        }

        var settings = new BareSettings
        {
            Kubeconfig = world.ControlPlane.KubeconfigPath,
            Namespace = @namespace,
            Directory = world.Pebble.DirectoryUrl.AbsoluteUri,
            CaPem = world.Pebble.CaPem,
            HttpPort = world.Pebble.HttpPort,
            Count = count,
            WarmUp = warmUp,
            UseKubernetes = useKubernetes,
        };
        var start = new ProcessStartInfo("dotnet", [typeof(BareProcess).Assembly.Location, "bare", JsonSerializer.Serialize(settings, BareJsonContext.Default.BareSettings)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            if (await process.StandardOutput.ReadLineAsync(cancellationToken) != BareProgram.Ready)
            {
                throw new InvalidOperationException("The bare loop did not start; its error output is above.");
            }

            await using var outcome = useKubernetes ? await RenewalOutcome.WatchAsync(world, @namespace, cancellationToken) : null;
            var before = ProcessorTimes.Read(world, process.Id);
            var started = Stopwatch.GetTimestamp();
            await process.StandardInput.WriteLineAsync("go");
            if (outcome is not null)
            {
                var ended = await outcome.CompleteAsync(count + warmUp, Deadline, cancellationToken);
                return (Stopwatch.GetElapsedTime(started, ended).TotalSeconds, ProcessorTimes.Read(world, process.Id).Since(before, count));
            }

            var line = await process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("The bare loop failed; its error output is above.");
            return (double.Parse(line, CultureInfo.InvariantCulture), ProcessorTimes.Read(world, process.Id).Since(before, count));
        }
        finally
        {
            process.StandardInput.Close();
            if (!process.WaitForExit(TimeSpan.FromSeconds(20)))
            {
                process.Kill();
            }
        }
    }
}

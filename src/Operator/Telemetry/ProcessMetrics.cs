using System.Diagnostics;
using System.Globalization;

namespace CertOperator.Operator.Telemetry;

/// <summary>The standard <c>process_*</c> and <c>dotnet_*</c> metrics.</summary>
internal static class ProcessMetrics
{
    public static void AddTo(MetricRegistry registry)
    {
        Counter(registry, "process_cpu_seconds_total", "User and system CPU time spent, in seconds.", () => Environment.CpuUsage.TotalTime.TotalSeconds);
        Gauge(registry, "process_resident_memory_bytes", "Resident memory size, in bytes.", () => Environment.WorkingSet);
        Gauge(registry, "process_start_time_seconds", "Start of the process, in Unix time.", StartTime());
        if (OperatingSystem.IsLinux())
        {
            Gauge(registry, "process_open_fds", "Open file descriptors.", () => Directory.EnumerateFileSystemEntries("/proc/self/fd").Count());
            Gauge(registry, "process_max_fds", "Greatest number of open file descriptors.", MaxDescriptors());
        }

        registry.Add(new Generations());
        Gauge(registry, "dotnet_gc_heap_size_bytes", "Size of the managed heap after the last collection, in bytes.", () => GC.GetGCMemoryInfo(GCKind.Any).HeapSizeBytes);
        Gauge(registry, "dotnet_gc_committed_memory_bytes", "Memory committed for the managed heap, in bytes.", () => GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes);
        Counter(registry, "dotnet_gc_allocated_bytes_total", "Bytes allocated on the managed heap.", () => GC.GetTotalAllocatedBytes());
        Counter(registry, "dotnet_gc_pause_seconds_total", "Time paused in garbage collection, in seconds.", () => GC.GetTotalPauseDuration().TotalSeconds);
        Gauge(registry, "dotnet_threadpool_threads", "Threads of the pool.", () => ThreadPool.ThreadCount);
        Gauge(registry, "dotnet_threadpool_queue_length", "Work items that wait for a thread.", () => ThreadPool.PendingWorkItemCount);
        Counter(registry, "dotnet_threadpool_completed_items_total", "Work items done by the pool.", () => ThreadPool.CompletedWorkItemCount);
        Counter(registry, "dotnet_monitor_lock_contentions_total", "Waits for a lock.", () => Monitor.LockContentionCount);
    }

    private static void Counter(MetricRegistry registry, string name, string help, Func<double> read) =>
        registry.Add(new CallbackFamily(new MetricDescription(name, "counter", help), read));

    private static void Gauge(MetricRegistry registry, string name, string help, Func<double> read) =>
        registry.Add(new CallbackFamily(new MetricDescription(name, "gauge", help), read));

    private static Func<double> StartTime()
    {
        using var process = Process.GetCurrentProcess();
        var start = new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0;
        return () => start;
    }

    private static Func<double> MaxDescriptors()
    {
        var line = File.ReadLines("/proc/self/limits").FirstOrDefault(l => l.StartsWith("Max open files", StringComparison.Ordinal));
        var soft = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, _, _, var limit, ..]
            && double.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : double.PositiveInfinity;
        return () => soft;
    }

    private sealed class Generations : IMetricFamily
    {
        public MetricDescription Description { get; } =
            new("dotnet_gc_collections_total", "counter", "Garbage collections, by generation.", "generation");

        public IEnumerable<MetricTextWriter> Write(MetricTextWriter writer)
        {
            writer.Family(Description.Name, Description.Type, Description.Help);
            for (var generation = 0; generation <= GC.MaxGeneration; generation++)
            {
                writer.Sample(
                    Description.Name, ["generation"], [generation.ToString(CultureInfo.InvariantCulture)], GC.CollectionCount(generation));
            }

            yield break;
        }
    }
}

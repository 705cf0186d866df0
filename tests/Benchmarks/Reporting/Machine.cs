using System.Globalization;

namespace CertOperator.Benchmarks.Reporting;

/// <summary>What the figures were measured on; without it they mean nothing.</summary>
public static class Machine
{
    public static async Task<string> DescribeAsync()
    {
        var model = (await File.ReadAllLinesAsync("/proc/cpuinfo")).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor";
        var memory = double.Parse((await File.ReadAllLinesAsync("/proc/meminfo"))[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024 / 1024;
        var load = (await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[0];
        return string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} x {model}, {memory:0} GiB, .NET {Environment.Version}, load average at the end {load}");
    }
}

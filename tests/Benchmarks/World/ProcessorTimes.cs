using System.Globalization;

namespace CertOperator.Benchmarks.World;

/// <summary>
/// Processor time that the processes of a world have used. Unlike a rate it is hardly changed by what else runs on the machine, and it
/// tells who is the limit.
/// </summary>
public sealed record ProcessorTimes(TimeSpan Client, TimeSpan ApiServer, TimeSpan Etcd, TimeSpan Pebble)
{
    private const double TicksPerSecond = 100;

    /// <param name="world">Where the servers run.</param>
    /// <param name="client">Process id of the operator or the bare loop.</param>
    public static ProcessorTimes Read(BenchWorld world, int client)
    {
        ArgumentNullException.ThrowIfNull(world);
        return new ProcessorTimes(
            OfProcess(client),
            OfPidFile(world.ControlPlane.Directory, "kube-apiserver.pid"),
            OfPidFile(world.ControlPlane.Directory, "etcd.pid"),
            OfPidFile(world.Pebble.Directory, "pebble.pid"));
    }

    public static TimeSpan OfProcess(int id)
    {
        var stat = File.ReadAllText($"/proc/{id}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromSeconds((long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond);
    }

    /// <summary>Milliseconds for each of <paramref name="number"/> renewals since <paramref name="earlier"/>.</summary>
    public string Since(ProcessorTimes earlier, int number)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        double Each(Func<ProcessorTimes, TimeSpan> part) => (part(this) - part(earlier)).TotalMilliseconds / number;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"processor ms each: client {Each(t => t.Client):0.0}, API server {Each(t => t.ApiServer):0.0}, etcd {Each(t => t.Etcd):0.0}, Pebble {Each(t => t.Pebble):0.0}, together {Each(t => t.Client + t.ApiServer + t.Etcd + t.Pebble):0.0}");
    }

    private static TimeSpan OfPidFile(string folder, string name)
        => OfProcess(int.Parse(File.ReadAllText(Path.Combine(folder, name)).Split(' ')[0], CultureInfo.InvariantCulture));
}

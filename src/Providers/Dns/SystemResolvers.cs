using System.Net;

namespace CertOperator.Providers.Dns;

/// <summary>The resolvers that this host uses, as resolv.conf lists them.</summary>
public static class SystemResolvers
{
    public const string Path = "/etc/resolv.conf";

    /// <param name="lines">The lines of the file; a host without the file or without a usable line asks itself (resolv.conf(5)).</param>
    public static IReadOnlyList<IPEndPoint> Parse(IEnumerable<string> lines)
    {
        var found = lines
            .Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words is ["nameserver", _, ..])
            .Select(words => IPAddress.TryParse(words[1], out var address) ? new IPEndPoint(address, DnsServer.DefaultPort) : null)
            .OfType<IPEndPoint>()
            .ToList();
        return found.Count > 0 ? found : [new IPEndPoint(IPAddress.Loopback, DnsServer.DefaultPort)];
    }

    public static IReadOnlyList<IPEndPoint> Read() => Parse(File.Exists(Path) ? File.ReadLines(Path) : []);
}

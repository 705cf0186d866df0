using System.Globalization;
using System.Net.NetworkInformation;
using System.Security.Cryptography;

namespace CertOperator.TestSupport;

/// <summary>Ports on the loopback address, handed out once across processes; shares its reservations with <c>hack/lib.sh</c>.</summary>
public static class FreePort
{
    private const int Low = 20_000;
    private const int High = 32_000;
    private const int MaxTries = 5_000;
    private const string Reservations = "/tmp/certoperator-ports";

    /// <summary>A port between 20,000 and 32,000 that nobody listens on and that nobody else gets for half an hour.</summary>
    public static int Next()
    {
        Directory.CreateDirectory(Reservations);
        HashSet<int> used = PortsInUse();
        for (int i = 0; i < MaxTries; i++)
        {
            int port = RandomNumberGenerator.GetInt32(Low, High);
            if (!used.Contains(port) && TryReserve(port))
            {
                return port;
            }
        }

        throw new InvalidOperationException($"No free port between {Low} and {High}.");
    }

    /// <summary>Renews a reservation, for a port on which nobody listens for a while; the scripts let those go that are older than half an hour.</summary>
    public static void Hold(int port)
    {
        Directory.CreateDirectory(Reservations);
        string file = Path.Combine(Reservations, port.ToString(CultureInfo.InvariantCulture));
        using FileStream reserved = new(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        File.SetLastWriteTimeUtc(reserved.SafeFileHandle, TimeProvider.System.GetUtcNow().UtcDateTime);
    }

    private static bool TryReserve(int port)
    {
        string file = Path.Combine(Reservations, port.ToString(CultureInfo.InvariantCulture));
        if (File.Exists(file))
        {
            return false;
        }

        try
        {
            using FileStream reserved = new(file, FileMode.CreateNew);
            return true;
        }
        catch (IOException) when (File.Exists(file))
        {
            // Another process was faster.
            return false;
        }
    }

    private static HashSet<int> PortsInUse()
    {
        var properties = IPGlobalProperties.GetIPGlobalProperties();
        return
        [
            .. properties.GetActiveTcpListeners().Select(e => e.Port),
            .. properties.GetActiveUdpListeners().Select(e => e.Port),
            .. properties.GetActiveTcpConnections().Select(c => c.LocalEndPoint.Port),
        ];
    }
}

using System.Diagnostics;
using System.Globalization;
using CertOperator.Benchmarks.Reporting;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Pki;

namespace CertOperator.Benchmarks.Measurements;

/// <summary>Signing requests for a key that is kept elsewhere, next to those for one at hand.</summary>
internal static class SigningRequests
{
    private const string Name = "www.example.com";
    private const int WarmUp = 20;

    /// <summary>Seconds that each took. They are made in turn, so that a change of the machine's mood hits both; the first ones warm up.</summary>
    public static async Task<(List<double> Remote, List<double> Local)> CompareAsync(ICertificateKey remote, BenchOptions options, CancellationToken cancellationToken)
    {
        using var local = PrivateKeyPair.Create(remote.Algorithm, remote.Size);
        var (elsewhere, here) = (new List<double>(), new List<double>());
        for (var i = 0; i < WarmUp + (options.Quick ? 20 : 500); i++)
        {
            var (far, near) = (await MeasureAsync(remote, cancellationToken), await MeasureAsync(local, cancellationToken));
            if (i >= WarmUp)
            {
                elsewhere.Add(far);
                here.Add(near);
            }
        }

        return (elsewhere, here);
    }

    public static string Milliseconds(List<double> values)
        => string.Create(CultureInfo.InvariantCulture, $"{1000 * values.Median():0.00} ms, median of {values.Count}, {1000 * values.Min():0.00} to {1000 * values.Max():0.00}");

    private static async Task<double> MeasureAsync(ICertificateKey key, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        await CertificateSigningRequests.CreateDerAsync(key, Name, [Name], [], cancellationToken);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}

using System.Diagnostics;
using CertOperator.Benchmarks.Peers;
using CertOperator.Benchmarks.Reporting;
using CertOperator.Benchmarks.World;
using CertOperator.Crds;
using CertOperator.TestSupport;

namespace CertOperator.Benchmarks.Measurements;

/// <summary>
/// From the start of <c>kubectl apply</c> to the Secret in the cluster, next to what certbot and lego take for a certificate
/// from the same Pebble. kubectl's own start is part of it: that is what a person waits for.
/// </summary>
public sealed class ApplyToSecret : IMeasurement
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    public IReadOnlyList<string> Figures { get; } =
        ["apply_to_secret_seconds", "certbot_seconds", "certbot_with_kubectl_seconds", "lego_seconds", "speedup_vs_certbot", "speedup_vs_lego"];

    public async Task RunAsync(BenchOptions options, FigureSheet sheet, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(sheet);
        var rounds = options.Quick ? 3 : 10;
        await using var world = await BenchWorld.StartAsync(cancellationToken);

        // The peers bring a web server each on the port that the operator takes afterwards.
        using var certbot = new Certbot();
        using var lego = new Lego();
        var (certbotTimes, withKubectl) = await PeerAsync(world, certbot, options.Quick ? 2 : 5, cancellationToken);
        var (legoTimes, _) = await PeerAsync(world, lego, rounds, cancellationToken);
        var times = await OperatorAsync(world, options, rounds, cancellationToken);

        var own = times.Median();
        sheet.Add(new Figure("apply_to_secret_seconds", own, "s", Aim.AtMost(0.5), times.Spread()));
        sheet.Add(new Figure("certbot_seconds", certbotTimes.Median(), "s", null, certbotTimes.Spread() + "; certificate in a folder"));
        sheet.Add(new Figure("certbot_with_kubectl_seconds", withKubectl.Median(), "s", null, withKubectl.Spread() + "; and then kubectl create secret tls"));
        sheet.Add(new Figure("lego_seconds", legoTimes.Median(), "s", null, legoTimes.Spread() + "; certificate in a folder"));
        sheet.Add(new Figure("speedup_vs_certbot", certbotTimes.Median() / own, "ratio", Aim.AtLeast(7), "certbot_seconds / apply_to_secret_seconds"));
        sheet.Add(new Figure("speedup_vs_lego", legoTimes.Median() / own, "ratio", null, "lego_seconds / apply_to_secret_seconds"));
    }

    private static async Task<(IReadOnlyCollection<double> Issuance, IReadOnlyCollection<double> WithSecret)> PeerAsync(
        BenchWorld world, IPeer peer, int rounds, CancellationToken cancellationToken)
    {
        await peer.PrepareAsync(world, cancellationToken);
        List<double> issuance = [];
        List<double> withSecret = [];
        for (var i = 0; i < rounds; i++)
        {
            var started = Stopwatch.GetTimestamp();
            var (certificate, key) = await peer.IssueAsync(world, $"round-{i}.{peer.Name}.bench.example.com", cancellationToken);
            issuance.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
            await world.ControlPlane.KubectlAsync(["create", "secret", "tls", $"{peer.Name}-{i}", "--cert", certificate, "--key", key], null, cancellationToken);
            withSecret.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        return (issuance, withSecret);
    }

    private static async Task<IReadOnlyCollection<double>> OperatorAsync(BenchWorld world, BenchOptions options, int rounds, CancellationToken cancellationToken)
    {
        var @namespace = await world.ControlPlane.CreateNamespaceAsync(cancellationToken);
        await using var running = await OperatorUnderTest.StartAsync(world, options, cancellationToken);
        await using var secrets = await world.WatchAsync($"/api/v1/namespaces/{@namespace}/secrets?fieldSelector=type%3Dkubernetes.io%2Ftls", _ => true, cancellationToken);
        using var directory = new TemporaryDirectory();
        List<double> times = [];

        // The first ones find everything cold: the account is registered, code is compiled.
        const int WarmUp = 5;
        for (var i = 0; i < WarmUp + rounds; i++)
        {
            var policy = PolicyFleet.Policy(@namespace, $"apply-{i}", PolicyFleet.Issuer(world));
            var file = directory.File($"{policy.Metadata.Name}.json");
            await File.WriteAllBytesAsync(file, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(policy, CrdResources.Policies.TypeInfo), cancellationToken);
            var started = Stopwatch.GetTimestamp();
            var applying = world.ControlPlane.KubectlAsync(["apply", "-f", file], null, cancellationToken);
            var seen = await secrets.SeenAsync(policy.Spec.SecretName, Deadline, cancellationToken);
            if (i >= WarmUp)
            {
                times.Add(Stopwatch.GetElapsedTime(started, seen).TotalSeconds);
            }

            await applying;
            await running.QuietAsync(cancellationToken);
        }

        return times;
    }
}

using System.Diagnostics;
using System.Globalization;
using CertOperator.Benchmarks.Reporting;
using CertOperator.Benchmarks.World;
using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;

namespace CertOperator.Benchmarks.Measurements;

/// <summary>
/// Many policies due at once, a tenth of which fail and open incidents. With a sink that nobody answers at, the others must be renewed as
/// fast as without any sink.
/// </summary>
public sealed class FailingSinks(int count) : IMeasurement
{
    private const int OneIn = 10;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(10);

    public IReadOnlyList<string> Figures { get; } = ["renewals_per_second_no_sinks", "renewals_per_second_failing_sinks", "failing_sinks_slowdown_percent", "failing_sinks_processor_percent"];

    public async Task RunAsync(BenchOptions options, FigureSheet sheet, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(sheet);
        var number = options.Quick ? count / 10 : count;
        List<double> without = [];
        List<double> with = [];
        List<double> slowdowns = [];
        List<double> processor = [];

        // One after the other and in turn, so that a change of the machine's mood hits both.
        for (var round = 0; round < (options.Quick ? 1 : 3); round++)
        {
            var first = await RateAsync(options, sheet, number, sinks: round % 2 == 1, cancellationToken);
            var second = await RateAsync(options, sheet, number, sinks: round % 2 == 0, cancellationToken);
            var (calm, failing) = round % 2 == 0 ? (first, second) : (second, first);
            without.Add(calm.Rate);
            with.Add(failing.Rate);
            slowdowns.Add(100 * ((calm.Rate / failing.Rate) - 1));
            processor.Add(100 * ((failing.Processor / calm.Processor) - 1));
            sheet.Say(string.Create(CultureInfo.InvariantCulture, $"round {round + 1}: {calm.Rate:0.0}/s without sinks, {failing.Rate:0.0}/s with failing ones"));
        }

        var what = string.Create(CultureInfo.InvariantCulture, $"{number} policies, one in {OneIn} of which the CA refuses");
        sheet.Add(new Figure(Figures[0], without.Median(), "1/s", null, $"{without.Spread()}; {what}"));
        sheet.Add(new Figure(Figures[1], with.Median(), "1/s", null, $"{with.Spread()}; the same, with a PagerDuty and a webhook that take no connection"));
        sheet.Add(new Figure(Figures[2], slowdowns.Median(), "percent", Aim.AtMost(5), slowdowns.Spread()));
        sheet.Add(new Figure(Figures[3], processor.Median(), "percent", null, $"{processor.Spread()}; of the operator itself, which the machine's mood moves less"));
    }

    private static async Task<(double Rate, double Processor)> RateAsync(BenchOptions options, FigureSheet sheet, int number, bool sinks, CancellationToken cancellationToken)
    {
        await using var world = await BenchWorld.StartAsync(cancellationToken);
        var @namespace = await world.ControlPlane.CreateNamespaceAsync(cancellationToken);
        var policies = world.Client.Resource(CrdResources.Policies);
        await PolicyFleet.ForEachAsync(
            number,
            async i =>
            {
                var policy = PolicyFleet.Policy(@namespace, $"due-{i}", null);
                if (i % OneIn == 0)
                {
                    policy.Spec = policy.Spec with { Hostname = $"due-{i}.blocked-domain.example" };
                }

                await policies.CreateAsync(policy, cancellationToken);
            },
            cancellationToken);
        await CreateSecretsAsync(world, @namespace, cancellationToken);
        await using var running = await OperatorUnderTest.StartAsync(world, options, cancellationToken);
        await running.QuietAsync(cancellationToken);
        await using var secrets = await world.WatchAsync($"/api/v1/namespaces/{@namespace}/secrets?fieldSelector=type%3Dkubernetes.io%2Ftls", _ => true, cancellationToken);
        var before = await running.MetricsAsync(cancellationToken);
        var busy = running.ProcessorTime();
        var started = Stopwatch.GetTimestamp();
        await CreateSettingsAsync(world, @namespace, sinks, cancellationToken);
        var good = number - ((number + OneIn - 1) / OneIn);
        var rate = good / Stopwatch.GetElapsedTime(started, await secrets.CountedAsync(good, Deadline, cancellationToken)).TotalSeconds;
        var processor = running.ProcessorTime() - busy;
        var requests = (await running.MetricsAsync(cancellationToken)).RequestsSince(before);
        sheet.Say(string.Create(CultureInfo.InvariantCulture, $"{(sinks ? "failing sinks" : "no sinks")}: {rate:0.0}/s, {processor.TotalSeconds:0.0} s of processor time, {MetricsPage.Describe(requests)}"));
        return (rate, processor.TotalSeconds);
    }

    private static Task CreateSecretsAsync(BenchWorld world, string @namespace, CancellationToken cancellationToken)
        => world.Client.Resource(CoreResources.Secrets).CreateAsync(
            new Secret
            {
                Metadata = new ObjectMeta { Name = "sinks", Namespace = @namespace },
                Data = new Dictionary<string, byte[]> { ["routingKey"] = "0123456789abcdef0123456789abcdef"u8.ToArray(), ["signingKey"] = "0123456789abcdef0123456789abcdef"u8.ToArray() },
            },
            cancellationToken);

    private static Task CreateSettingsAsync(BenchWorld world, string @namespace, bool sinks, CancellationToken cancellationToken)
    {
        var nobody = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort.Next()}/");
        return world.Client.Resource(CrdResources.Settings).CreateAsync(
            new CertificateRenewalSettings
            {
                Metadata = new ObjectMeta { Name = CertificateRenewalSettings.DefaultName, Namespace = @namespace },
                Spec = new SettingsSpec
                {
                    Providers = new ProviderConfig { Acme = PolicyFleet.Issuer(world) },
                    Incidents = sinks
                        ? new IncidentSettings
                        {
                            PagerDuty = new PagerDutySettings { RoutingKeySecretName = "sinks", Endpoint = nobody },
                            Webhooks = [new WebhookSettings { Name = "down", Url = nobody, SecretName = "sinks" }],
                        }
                        : null,
                },
            },
            cancellationToken);
    }
}

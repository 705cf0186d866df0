using System.Diagnostics;
using System.Text.Json.Nodes;
using CertOperator.Benchmarks.Reporting;
using CertOperator.Benchmarks.World;
using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.TestSupport.Proxies;

namespace CertOperator.Benchmarks.Measurements;

/// <summary>What a person waits for: the report of a dry run, and a run that is resumed after it had failed at its last request to the CA.</summary>
public sealed class RunRequests : IMeasurement
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public IReadOnlyList<string> Figures { get; } = ["dry_run_seconds", "resume_seconds"];

    public async Task RunAsync(BenchOptions options, FigureSheet sheet, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(sheet);
        var rounds = options.Quick ? 2 : 10;
        await using var world = await BenchWorld.StartAsync(cancellationToken);
        await using var ca = await AcmeProxy.StartAsync(world.Pebble);
        var @namespace = await world.ControlPlane.CreateNamespaceAsync(cancellationToken);
        await using var running = await OperatorUnderTest.StartAsync(world, options, cancellationToken, "--dns-resolvers", world.Pebble.DnsServer);
        var dry = new List<double>();
        var resumed = new List<double>();
        const int WarmUp = 2;
        for (var i = 0; i < WarmUp + rounds; i++)
        {
            var (report, resumption) = (await DryRunAsync(world, @namespace, $"dry-{i}", cancellationToken), await ResumeAsync(world, ca, @namespace, $"resume-{i}", cancellationToken));
            if (i >= WarmUp)
            {
                dry.Add(report);
                resumed.Add(resumption);
            }

            await running.QuietAsync(cancellationToken);
        }

        sheet.Add(new Figure("dry_run_seconds", dry.Median(), "s", Aim.AtMost(10), dry.Spread() + "; from the annotation to the report, with an order at a staging endpoint"));
        sheet.Add(new Figure("resume_seconds", resumed.Median(), "s", null, resumed.Spread() + "; from the annotation to the Secret, of a run that had failed when it asked for the certificate"));
    }

    private static async Task<double> DryRunAsync(BenchWorld world, string @namespace, string name, CancellationToken cancellationToken)
    {
        var issuer = PolicyFleet.Issuer(world);
        var policy = PolicyFleet.Policy(@namespace, name, issuer with { StagingServer = issuer.Server });
        policy.Spec = policy.Spec with { Suspend = true };
        await world.Client.Resource(CrdResources.Policies).CreateAsync(policy, cancellationToken);
        await using var runs = await RunsAsync(world, @namespace, cancellationToken);
        var started = Stopwatch.GetTimestamp();
        await AnnotateAsync(world.Client.Resource(CrdResources.Policies), new NamespacedName(@namespace, name), (WellKnown.RenewMode, nameof(RunMode.DryRun)), (WellKnown.RenewRequestedAt, "1"));
        var run = await FinishedAsync(world, runs, @namespace, name, started, cancellationToken);
        return run.Run.Status!.Phase == RunPhase.Succeeded ? run.Seconds : throw new InvalidOperationException($"The dry run did not succeed: {run.Run.Status.Message}");
    }

    private static async Task<double> ResumeAsync(BenchWorld world, AcmeProxy ca, string @namespace, string name, CancellationToken cancellationToken)
    {
        ca.Hooks.Before = request => Task.FromResult(request.Kind == AcmeRequestKind.Finalize ? ProxiedAnswer.Problem(403, "malformed", "Not now.") : null);
        var policy = PolicyFleet.Policy(@namespace, name, new AcmeConfig { Server = ca.DirectoryUrl.AbsoluteUri, CaBundle = ca.CaPem });
        await using var runs = await RunsAsync(world, @namespace, cancellationToken);
        await world.Client.Resource(CrdResources.Policies).CreateAsync(policy, cancellationToken);
        var failed = await FinishedAsync(world, runs, @namespace, name, Stopwatch.GetTimestamp(), cancellationToken);
        ca.Hooks.Clear();
        await using var secrets = await world.WatchAsync($"/api/v1/namespaces/{@namespace}/secrets?fieldSelector=metadata.name%3D{policy.Spec.SecretName}", _ => true, cancellationToken);
        var started = Stopwatch.GetTimestamp();
        await AnnotateAsync(world.Client.Resource(CrdResources.Runs), NamespacedName.Of(failed.Run), (WellKnown.ResumeRequestedAt, "1"));
        return Stopwatch.GetElapsedTime(started, await secrets.SeenAsync(policy.Spec.SecretName, Deadline, cancellationToken)).TotalSeconds;
    }

    private static Task<WatchCounter> RunsAsync(BenchWorld world, string @namespace, CancellationToken cancellationToken)
        => world.WatchAsync(
            $"/apis/{CertOperatorApi.Group}/{CertOperatorApi.Version}/namespaces/{@namespace}/{CertificateRenewalRun.PluralName}",
            line => line.Contains("\"finishedAt\":\"", StringComparison.Ordinal) && line.Contains("\"type\":\"Complete\"", StringComparison.Ordinal),
            cancellationToken);

    private static async Task<(CertificateRenewalRun Run, double Seconds)> FinishedAsync(BenchWorld world, WatchCounter watch, string @namespace, string policy, long started, CancellationToken cancellationToken)
    {
        CertificateRenewalRun? run = null;
        while (run is null)
        {
            await foreach (var one in world.Client.Resource(CrdResources.Runs).ListAsync(new ListOptions { Namespace = @namespace }, cancellationToken))
            {
                run = one.Spec.PolicyRef.Name == policy ? one : run;
            }
        }

        var seen = await watch.SeenAsync(run.Metadata.Name, Deadline, cancellationToken);
        return (await world.Client.Resource(CrdResources.Runs).GetAsync(NamespacedName.Of(run), cancellationToken), Stopwatch.GetElapsedTime(started, seen).TotalSeconds);
    }

    private static async Task AnnotateAsync<T>(IResourceClient<T> resource, NamespacedName name, params (string Name, string Value)[] annotations)
        where T : class, IKubernetesObject
    {
        var values = new JsonObject(annotations.Select(a => KeyValuePair.Create(a.Name, (JsonNode?)JsonValue.Create(a.Value))));
        await resource.PatchAsync(name, Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = values } }), null, CancellationToken.None);
    }
}

using CertOperator.TestSupport;
using NUnit.Framework;
using static CertOperator.Kubernetes.Tests.Runtime.Objects;

namespace CertOperator.Kubernetes.Tests.Runtime;

[Category("Component")]
[CancelAfter(240_000)]
public sealed class EventRecorderOnApiServerTests
{
    private static CancellationToken Ct => TestContext.CurrentContext.CancellationToken;

    [Test]
    public async Task The_API_server_accepts_events_and_series_and_kubectl_shows_them()
    {
        ControlPlane controlPlane = await SharedControlPlane.GetAsync();
        string ns = await controlPlane.CreateNamespaceAsync(Ct);
        using KubernetesClient client = ApiServer.Connect(controlPlane);
        ConfigMap map = await client.Resource(CoreResources.ConfigMaps).CreateAsync(Map("a", ns: ns), Ct);
        map.ApiVersion = "v1";
        map.Kind = "ConfigMap";
        var options = new EventRecorderOptions
        {
            ReportingController = "certoperator.io/test",
            ReportingInstance = "test-1",
            SeriesInterval = TimeSpan.FromMilliseconds(200),
        };
        var logger = new RecordingLogger();
        var recorder = new EventRecorder(client.Resource(CoreResources.Events), options, TimeProvider.System, ApiServer.NewRandom(), logger);
        using var stop = new CancellationTokenSource();
        Task run = recorder.RunAsync(stop.Token);

        recorder.Record(map, EventType.Warning, "Repeated", "Renew", "It happens again and again.");
        recorder.Record(map, EventType.Warning, "Repeated", "Renew", "It happens again and again.");
        recorder.Record(map, EventType.Normal, "Long", "Renew", new string('€', 2000));
        List<Event> events = await Eventually.GetAsync(
            ct => ListAsync(client, ns, ct), e => e.Any(x => x.Series is not null), TimeSpan.FromSeconds(60), $"the series; log: {string.Join(" | ", logger.Entries)}", Ct);
        recorder.Record(map, EventType.Warning, "Repeated", "Renew", "It happens again and again.");
        await stop.CancelAsync();
        await run;
        events = await ListAsync(client, ns, Ct);
        string shown = await controlPlane.KubectlAsync(["describe", "configmap", "a", "-n", ns], ct: Ct);

        Assert.That(recorder.Dropped, Is.Zero, string.Join(" | ", logger.Entries));
        Assert.That(events, Has.Count.EqualTo(2));
        Event repeated = events.Single(e => e.Reason == "Repeated");
        Assert.That(repeated.Series!.Count, Is.EqualTo(3));
        Assert.That((repeated.Regarding!.Uid, repeated.Type, repeated.ReportingController), Is.EqualTo((map.Metadata.Uid, "Warning", "certoperator.io/test")));
        Assert.That(shown, Does.Contain("Repeated").And.Contain("It happens again and again."));
    }

    private static async Task<List<Event>> ListAsync(KubernetesClient client, string ns, CancellationToken ct) =>
        (await client.Resource(CoreResources.Events).ListPageAsync(new ListOptions { Namespace = ns }, ct)).Items;
}

using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Client;

/// <summary>Plugins are shell scripts here; each run leaves a line in a file.</summary>
[UnsupportedOSPlatform("windows")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ExecPluginTests : IDisposable
{
    private const string Stored = """{"kind":"Secret","apiVersion":"v1","metadata":{"name":"web","namespace":"shop"}}""";
    private static readonly NamespacedName Web = new("shop", "web");

    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTimeProvider _time = new();

    public void Dispose() => _directory.Dispose();

    [Test]
    public async Task Token_is_kept_until_shortly_before_it_expires()
    {
        // The n-th run prints token n, good for n hours from the start of the clock.
        Script("""
            echo run >> runs
            n=$(wc -l < runs | tr -d ' ')
            echo "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"t$n\",\"expirationTimestamp\":\"2030-01-01T0$n:00:00Z\"}}"
            """);
        var server = new FakeApiServer().Answer(Stored).Answer(Stored).Answer(Stored);
        var secrets = server.Client(_time, configuration: Load()).Resource(CoreResources.Secrets);
        await secrets.GetAsync(Web, default);
        _time.Advance(TimeSpan.FromSeconds(3589));
        await secrets.GetAsync(Web, default);
        _time.Advance(TimeSpan.FromSeconds(1));
        await secrets.GetAsync(Web, default);

        Assert.That(Tokens(server), Is.EqualTo(new[] { "Bearer t1", "Bearer t1", "Bearer t2" }));
    }

    [Test]
    public async Task Refused_token_makes_the_plugin_run_again_but_not_at_once_for_ever()
    {
        Script("""
            echo run >> runs
            echo "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"t$(wc -l < runs | tr -d ' ')\"}}"
            """);
        var server = new FakeApiServer().Answer(Stored);
        for (var i = 0; i < 3; i++)
        {
            server.Answer(System.Net.HttpStatusCode.Unauthorized, "{}");
        }

        var secrets = server.Client(_time, configuration: Load()).Resource(CoreResources.Secrets);
        await secrets.GetAsync(Web, default);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.That(() => secrets.GetAsync(Web, default), Throws.InstanceOf<UnauthorizedException>());
        Assert.That(() => secrets.GetAsync(Web, default), Throws.InstanceOf<UnauthorizedException>());

        Assert.That(Tokens(server), Is.EqualTo(new[] { "Bearer t1", "Bearer t1", "Bearer t2", "Bearer t2" }));
    }

    [Test]
    public async Task Plugin_runs_once_for_many_requests_at_a_time()
    {
        Script("""
            echo run >> runs
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}'
            """);
        using var source = new CredentialSource(Load(), _time);
        var all = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => source.GetAsync(default).AsTask()));

        Assert.That(all.Select(credentials => credentials.Authorization), Has.All.EqualTo("Bearer t"));
        Assert.That(File.ReadAllLines(_directory.File("runs")), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task Client_certificate_may_come_from_the_plugin()
    {
        using var certificates = new TestCertificates();
        var user = certificates.User(certificates.Root, "ada");
        var credential = new JsonObject
        {
            ["apiVersion"] = "client.authentication.k8s.io/v1",
            ["kind"] = "ExecCredential",
            ["status"] = new JsonObject
            {
                ["clientCertificateData"] = user.ExportCertificatePem(),
                ["clientKeyData"] = TestCertificates.KeyPem(user),
            },
        };
        await File.WriteAllTextAsync(_directory.File("credential"), credential.ToJsonString());
        Script("cat credential");
        using var source = new CredentialSource(Load(), _time);
        var first = await source.GetAsync(default);
        var second = await source.GetAsync(default);

        Assert.That(first.Identity.ClientCertificate!.TargetCertificate.Subject, Is.EqualTo("CN=ada"));
        Assert.That(second, Is.SameAs(first));
    }

    [Test]
    public async Task Plugin_gets_its_arguments_variables_and_what_it_is_for()
    {
        Script("""
            printf '%s\n' "$1" "$2" "$FLAVOUR" "$KUBERNETES_EXEC_INFO" > seen
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}'
            """);
        using var source = new CredentialSource(Load("args: [one, 'two three'], env: [{name: FLAVOUR, value: salt}], provideClusterInfo: true,"), _time);
        await source.GetAsync(default);

        Assert.That(await File.ReadAllLinesAsync(_directory.File("seen")), Is.EqualTo(new[]
        {
            "one",
            "two three",
            "salt",
            """{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"cluster":{"server":"https://api.test"},"interactive":false}}""",
        }));
    }

    [TestCase("echo 'no login' >&2; exit 3", "\"PLUGIN\" ended with exit code 3: no login")]
    [TestCase("echo token", "\"PLUGIN\" did not print an ExecCredential in JSON")]
    [TestCase("echo '{\"kind\":\"ExecCredential\"}'", "\"PLUGIN\" did not print an ExecCredential with a status")]
    [TestCase("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",\"status\":{\"token\":\"t\"}}'", "\"PLUGIN\" answered in client.authentication.k8s.io/v1beta1, but client.authentication.k8s.io/v1 is configured")]
    [TestCase("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{}}'", "\"PLUGIN\" printed neither a token nor a client certificate")]
    [TestCase("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"clientCertificateData\":\"x\"}}'", "\"PLUGIN\" printed only one of client certificate and key")]
    [TestCase("yes hidden", "\"PLUGIN\" printed more than 1048576 bytes")]
    public void Failure_is_explained(string script, string message)
    {
        Script(script);
        using var source = new CredentialSource(Load(), _time);

        Assert.That(() => source.GetAsync(default).AsTask(), Throws.InstanceOf<KubernetesConfigurationException>().With.Message.EqualTo(
            $"{_directory.File("config")}: users[0].user.exec.command: {message.Replace("PLUGIN", _directory.File("plugin"), StringComparison.Ordinal)}"));
    }

    [Test]
    public void Missing_plugin_comes_with_its_hint()
    {
        using var source = new CredentialSource(Load("installHint: 'get it from the cloud',"), _time);

        Assert.That(() => source.GetAsync(default).AsTask(), Throws.InstanceOf<KubernetesConfigurationException>()
            .With.Message.Contains("plugin\" cannot be run:").And.Message.EndsWith("; get it from the cloud"));
    }

    [Test]
    public async Task Plugin_that_hangs_is_ended_with_the_request()
    {
        Script("echo $$ > pid; exec sleep 1000");
        var call = new FakeApiServer().Client(_time, configuration: Load()).Resource(CoreResources.Secrets).GetAsync(Web, default);
        var pid = await Eventually.GetAsync(
            async ct => (await File.ReadAllTextAsync(_directory.File("pid"), ct)).Trim(), text => text.Length > 0, TimeSpan.FromSeconds(20), "the plugin to start");
        _time.Advance(TimeSpan.FromSeconds(60));

        Assert.That(() => call, Throws.InstanceOf<KubernetesTransportException>());
        await Eventually.TrueAsync(() => !Directory.Exists($"/proc/{pid}"), TimeSpan.FromSeconds(20), "the plugin to be gone");
    }

    private void Script(string body)
    {
        File.WriteAllText(_directory.File("plugin"), $"#!/bin/sh\ncd '{_directory.Path}'\n{body}\n");
        File.SetUnixFileMode(_directory.File("plugin"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private KubernetesClientConfiguration Load(string fields = "")
    {
        File.WriteAllText(_directory.File("config"),
            $$$"""
            current-context: x
            contexts: [{name: x, context: {cluster: c, user: u}}]
            clusters: [{name: c, cluster: {server: "https://api.test"}}]
            users: [{name: u, user: {exec: { {{{fields}}} apiVersion: client.authentication.k8s.io/v1, command: ./plugin } } }]
            """);
        return KubernetesClientConfiguration.Load(_directory.File("config"));
    }

    private static IEnumerable<string?> Tokens(FakeApiServer server) => server.Requests.Select(request =>
        request.Split('\n').FirstOrDefault(line => line.StartsWith("Authorization: ", StringComparison.Ordinal))?[15..]);
}

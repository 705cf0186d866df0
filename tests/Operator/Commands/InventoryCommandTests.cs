using System.Text.Json.Nodes;
using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Operator.Commands;
using CertOperator.Operator.Hosting;
using CertOperator.Operator.Tests.Builders;
using CertOperator.Operator.Tests.Fakes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Certificates;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Commands;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class InventoryCommandTests : IDisposable
{
    private readonly InMemoryCluster _cluster = new();
    private readonly StringWriter _output = new() { NewLine = "\n" };
    private readonly StringWriter _error = new() { NewLine = "\n" };
    private readonly List<(string? Kubeconfig, string? Context)> _connected = [];

    [SetUp]
    public async Task FillAsync()
    {
        using var authority = TestAuthority.CreateRoot(new ManualTimeProvider(A.Now));
        using var leaf = authority.Issue(new LeafRequest("old.example.com") { NotAfter = A.Now.AddDays(5) });
        await _cluster.Resource(CrdResources.Settings).CreateAsync(
            new CertificateRenewalSettings { Metadata = new ObjectMeta { Name = "default", Namespace = "shop" }, Spec = new SettingsSpec { Defaults = [new PolicyDefaults { Provider = CertificateProviderKind.Manual }] } }, CancellationToken.None);
        await _cluster.Resource(CrdResources.Policies).CreateAsync(A.Policy(A.Spec with { Provider = null }, new PolicyStatus { NotAfter = A.Now.AddDays(60), IssuedBy = "CN=Test CA" }), CancellationToken.None);
        foreach (var (ns, name) in new[] { ("shop", "www-tls"), ("legacy", "old-tls") })
        {
            await _cluster.Resource(CoreResources.Secrets).CreateAsync(
                new Secret { Metadata = new ObjectMeta { Name = name, Namespace = ns }, Type = WellKnown.TlsSecretType, Data = new() { ["tls.crt"] = System.Text.Encoding.ASCII.GetBytes(leaf.Pem), ["tls.key"] = [1] } }, CancellationToken.None);
        }

        _cluster.Requests.Clear();
    }

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    [Test]
    public async Task The_table_has_what_policies_manage_and_what_they_do_not()
    {
        var exit = await InvokeAsync("inventory --kubeconfig k --context c");

        Assert.That(exit, Is.EqualTo(ExitCodes.Ended), _error.ToString());
        Assert.That(_connected, Is.EqualTo(new[] { ("k", "c") }));
        Assert.That(_output.ToString(), Is.EqualTo(
            """
            HOSTNAME          EXPIRES                LEFT   RENEWED BY   NOTE              PROVIDER   NAMESPACE   SECRET    POLICY   ISSUER
            old.example.com   2026-11-27T12:00:00Z   5d     nobody       no policy         -          legacy      old-tls   -        CN=Test Root
            www.example.com   2027-01-21T12:00:00Z   60d    nobody       provider manual   manual     shop        www-tls   www      CN=Test CA

            """));
        Assert.That(_cluster.Requests.Where(r => r.Contains(" secrets ", StringComparison.Ordinal)), Is.EquivalentTo(new[] { "list metadata of secrets ", "get secrets legacy/old-tls" }));
    }

    [Test]
    public async Task Programs_get_an_array()
    {
        await InvokeAsync("inventory -o json --namespaces legacy,web --namespaces shop");

        var rows = JsonNode.Parse(_output.ToString())!.AsArray();
        Assert.That(rows.Select(r => r!.ToJsonString()), Is.EqualTo(new[]
        {
            """{"namespace":"legacy","secret":"old-tls","hostname":"old.example.com","issuer":"CN=Test Root","notBefore":"2026-11-22T11:00:00Z","notAfter":"2026-11-27T12:00:00Z","renewedBy":"nobody","note":"no policy"}""",
            """{"namespace":"shop","secret":"www-tls","hostname":"www.example.com","issuer":"CN=Test CA","notAfter":"2027-01-21T12:00:00Z","renewedBy":"nobody","note":"provider manual","policy":"www","provider":"manual"}""",
        }));
        Assert.That(_cluster.Requests.Where(r => r.StartsWith("list metadata", StringComparison.Ordinal)), Is.EqualTo(new[] { "list metadata of secrets legacy", "list metadata of secrets web", "list metadata of secrets shop" }));
    }

    [Test]
    public async Task Who_may_not_list_Secrets_sees_the_policies_and_what_is_missing()
    {
        _cluster.Before = r => _ = r.StartsWith("list metadata", StringComparison.Ordinal) ? throw new ForbiddenException("list secrets: you may not.") : 0;

        var exit = await InvokeAsync("inventory");

        Assert.That(exit, Is.EqualTo(ExitCodes.Failed));
        Assert.That(_output.ToString(), Does.Contain("www-tls").And.Not.Contain("old-tls"));
        Assert.That(_error.ToString(), Is.EqualTo("certoperator: certificates without a policy are missing above: list secrets: you may not.\n"));
    }

    [Test]
    public async Task Who_may_not_list_policies_is_told_so()
    {
        _cluster.Before = r => _ = r.StartsWith("list certificaterenewalpolicies", StringComparison.Ordinal) ? throw new ForbiddenException("list certificaterenewalpolicies: you may not.") : 0;

        Assert.That(await InvokeAsync("inventory"), Is.EqualTo(ExitCodes.Failed));
        Assert.That((_output.ToString(), _error.ToString()), Is.EqualTo(("", "certoperator: list certificaterenewalpolicies: you may not.\n")));
    }

    [TestCase("inventory -o yaml")]
    [TestCase("inventory --namespaces Shop")]
    [TestCase("inventory --namespaces shop,,web")]
    public async Task What_means_nothing_is_refused(string arguments)
    {
        Assert.That(await InvokeAsync(arguments), Is.EqualTo(ExitCodes.WrongOptions));
        Assert.That(_cluster.Requests, Is.Empty);
    }

    private Task<int> InvokeAsync(string arguments)
        => new CertOperatorCommandLine(new CommandLineHost
        {
            Run = (_, _) => throw new InvalidOperationException("The operator was not to run."),
            EntityTypes = EntityTypes.All,
            Connect = (kubeconfig, context) =>
            {
                _connected.Add((kubeconfig, context));
                return _cluster;
            },
            Time = new ManualTimeProvider(A.Now),
            Output = _output,
            Error = _error,
            Environment = new Dictionary<string, string>(),
        }).InvokeAsync(arguments.Split(' '), CancellationToken.None);
}

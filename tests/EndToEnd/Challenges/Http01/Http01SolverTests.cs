using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Challenges.Http01;

/// <summary>Every way in which a CA's request can get to an answer.</summary>
public sealed class Http01SolverTests : Http01Test
{
    [Test]
    public async Task A_temporary_Ingress_leads_the_CA_to_the_operator()
    {
        await CreateSolverAsync(new Http01Spec
        {
            Ingress = new Http01IngressSpec { ClassName = Edge.ClassName, Annotations = new Dictionary<string, string> { ["example.com/note"] = "for a moment" }, Labels = new Dictionary<string, string> { ["team"] = "web" } },
        });
        await StartOperatorAsync();
        IReadOnlyList<Ingress> seen = [];
        WhenTheCaIsAsked(async () => seen = await ListAsync(NetworkResources.Ingresses));
        PolicyBuilder policy = new PolicyBuilder(Cluster).With(s => s with { AdditionalNames = [$"shop.{Cluster.Namespace}.example.com"] });
        await Cluster.CreateAsync(policy);

        await Cluster.WaitUntilReadyAsync(policy.Name);

        CertificateRenewalRun run = await OnlyRunAsync(policy);
        Assert.That(seen.Select(i => i.Spec.Rules[0].Host), Is.EquivalentTo(new[] { policy.Hostname, $"shop.{Cluster.Namespace}.example.com" }));
        ObjectMeta made = seen[0].Metadata;
        Assert.That(made.Labels, Is.SupersetOf(new Dictionary<string, string> { ["app.kubernetes.io/managed-by"] = "certoperator", ["certoperator.io/run"] = run.Metadata.Name, ["team"] = "web" }));
        Assert.That(made.Annotations, Does.ContainKey("example.com/note"));
        Assert.That(made.OwnerReferences!.Single().Uid, Is.EqualTo(run.Metadata.Uid));
        Assert.That(Edge.Served, Is.SupersetOf(seen.Select(i => $"Ingress {i.Metadata.Name}")));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
        await AssertNothingLeftAsync();
    }

    [Test]
    public async Task A_temporary_HTTPRoute_leads_the_CA_to_the_operator()
    {
        await GatewayApi.InstallAsync(Cluster.ControlPlane);
        Edge.HasGateway = true;
        await CreateSolverAsync(new Http01Spec { Gateway = new Http01GatewaySpec { ParentRefs = [new GatewayReference { Name = Edge.GatewayName, Namespace = "infra", SectionName = "http" }] } });
        await StartOperatorAsync();
        IReadOnlyList<HttpRoute> seen = [];
        WhenTheCaIsAsked(async () => seen = await ListAsync(NetworkResources.HttpRoutes));
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);

        await Cluster.WaitUntilReadyAsync(policy.Name);

        Assert.That(seen, Has.Count.EqualTo(1));
        Assert.That(seen[0].Spec.ParentRefs[0].SectionName, Is.EqualTo("http"));
        Assert.That(Edge.Served, Is.Not.Empty.And.All.EqualTo($"HTTPRoute {seen[0].Metadata.Name}"));
        await AssertNothingLeftAsync();
    }

    [Test]
    public async Task A_web_server_serves_the_answers_of_two_policies_from_one_ConfigMap()
    {
        await CreateWebrootAsync();
        await CreateSolverAsync(ByWebroot);
        await StartOperatorAsync();
        var first = new PolicyBuilder(Cluster, "first");
        var second = new PolicyBuilder(Cluster, "second");
        await Task.WhenAll(Cluster.CreateAsync(first), Cluster.CreateAsync(second));

        await Cluster.WaitUntilReadyAsync(first.Name);
        await Cluster.WaitUntilReadyAsync(second.Name);

        Assert.That(Edge.Served, Is.Not.Empty.And.All.EqualTo($"ConfigMap {Edge.Webroot}"));
        await AssertNothingLeftAsync();
        ConfigMap webroot = await Cluster.Resource(CoreResources.ConfigMaps).GetAsync(Cluster.Name(Edge.Webroot), CancellationToken.None);
        Assert.That(webroot.Data, Is.EqualTo(new Dictionary<string, string> { ["robots.txt"] = "of somebody else" }));
    }

    [Test]
    public async Task A_webroot_that_is_missing_stalls_the_policy_until_it_is_there()
    {
        await CreateSolverAsync(ByWebroot);
        await StartOperatorAsync();
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        CertificateRenewalPolicy stalled = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Is("Stalled"), "to be stalled");
        Assert.That(stalled.Condition("Stalled")!.Reason, Is.EqualTo("SolverUnusable"));
        Assert.That(stalled.Condition("Stalled")!.Message, Does.Contain("webroot.configMapName").And.Contain($"ConfigMap {Edge.Webroot} does not exist").And.Contain("Create it"));

        await CreateWebrootAsync();
        await Cluster.ChangeAsync(policy.Name, p => p.Spec = p.Spec with { HistoryLimit = 5 });

        await Cluster.WaitUntilReadyAsync(policy.Name);
    }

    [Test]
    public async Task An_operator_that_does_not_know_its_own_Service_says_so()
    {
        await CreateSolverAsync(ByIngress);
        await StartOperatorAsync(withService: false);
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);

        CertificateRenewalPolicy stalled = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Is("Stalled"), "to be stalled");

        Assert.That(stalled.Condition("Stalled")!.Message, Does.Contain("spec.solvers[edge].http01").And.Contain("--http01-service NAMESPACE/NAME"));
        Assert.That(Cluster.Acme.Exchanges, Is.Empty);
    }

    [Test]
    public async Task A_cluster_without_the_Gateway_API_is_named()
    {
        await CreateSolverAsync(new Http01Spec { Gateway = new Http01GatewaySpec { ParentRefs = [new GatewayReference { Name = Edge.GatewayName }] } });
        await StartOperatorAsync();
        // As an API server answers for a path that it does not know.
        AnswerFor("httproutes", ProxiedAnswer.Of(404, "text/plain", "404 page not found\n"));
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);

        CertificateRenewalRun run = await OnlyRunAsync(policy);

        Assert.That(run.Status!.Reason, Is.EqualTo("KindNotInstalled"));
        Assert.That(run.Status.Message, Does.Contain("knows no HTTPRoute of gateway.networking.k8s.io/v1").And.Contain("Install it with the Gateway API"));
        Assert.That(ChallengesAnswered, Is.Zero);
        await AssertNothingLeftAsync();
    }

    [Test]
    public async Task What_an_admission_webhook_refuses_is_told_and_nothing_stays()
    {
        await CreateSolverAsync(ByIngress);
        await StartOperatorAsync();
        AnswerFor("ingresses", Refusal(400, "BadRequest", "admission webhook 'validate.example.com' denied the request"));
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);

        CertificateRenewalRun run = await OnlyRunAsync(policy);

        Assert.That(run.Status!.Reason, Is.EqualTo("ObjectRefused"));
        Assert.That(run.Status.Message, Does.Contain("admission webhook 'validate.example.com' denied the request").And.Contain("Change the solver"));
        Assert.That(ChallengesAnswered, Is.Zero);
        Cluster.Api.Hooks.Clear();
        await AssertNothingLeftAsync();
    }

    [Test]
    public async Task A_missing_right_is_named_and_the_run_goes_on_once_it_is_granted()
    {
        await CreateSolverAsync(ByIngress);
        await StartOperatorAsync();
        AnswerFor("ingresses", Refusal(403, "Forbidden", "ingresses.networking.k8s.io is forbidden: User cannot patch resource ingresses"));
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await WaitForMessageAsync(policy, "Grant the operator get, create, patch and delete on ingresses of networking.k8s.io");

        Cluster.Api.Hooks.Clear();

        await Cluster.WaitUntilReadyAsync(policy.Name);
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
        await AssertNothingLeftAsync();
    }

    [Test]
    public async Task The_operator_itself_is_a_solver_that_costs_no_write()
    {
        await CreateSolverAsync(new Http01Spec { Operator = new Http01OperatorSpec() });
        await StartOperatorAsync();
        // The edge leads to the operator without being told by any object.
        await StopEdgeAsync();
        await Cluster.StartHttp01ServiceAsync();
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);

        await Cluster.WaitUntilReadyAsync(policy.Name);

        IEnumerable<string> writes = Cluster.Api.Exchanges.Where(e => e.Verb is not ("get" or "list") && e.Resource is not ("events" or "leases")).Select(e => $"{e.Verb} {e.Resource}");
        // Seven for the certificate, and two Secrets that are made once: the account's key, and the operator's master key.
        Assert.That(writes.Count(), Is.LessThanOrEqualTo(9), () => string.Join('\n', writes));
        Assert.That(writes, Has.None.EqualTo("patch certificaterenewalruns"));
    }

    private static ProxiedAnswer Refusal(int status, string reason, string message) =>
        ProxiedAnswer.Of(status, "application/json", $$"""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"{{message}}","reason":"{{reason}}","code":{{status}}}""");

    private void AnswerFor(string resource, ProxiedAnswer answer) =>
        Cluster.Api.Hooks.Before = request => Task.FromResult(request is { Verb: "patch" } && request.Resource == resource ? answer : null);

    private void WhenTheCaIsAsked(Func<Task> look)
    {
        int asked = 0;
        Cluster.Acme.Hooks.Before = async request =>
        {
            if (request.Kind == AcmeRequestKind.Challenge && Interlocked.Exchange(ref asked, 1) == 0)
            {
                await look();
            }

            return null;
        };
    }
}

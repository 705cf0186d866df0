using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Challenges;

public sealed class SolverResolverTests
{
    private static readonly SolverSpec[] Solvers =
    [
        Solver("wide", new SolverSelector { DnsZones = ["example.com"] }),
        Solver("labelled", new SolverSelector { MatchLabels = new Dictionary<string, string> { ["team"] = "web" } }),
        Solver("fallback", null),
        Solver("second-fallback", null),
        Solver("narrow", new SolverSelector { DnsZones = ["Shop.Example.com.", "example.org"] }),
        Solver("narrow-for-web", new SolverSelector { DnsZones = ["web.example.net"], MatchLabels = new Dictionary<string, string> { ["team"] = "web" } }),
    ];

    [TestCase("www.example.com", null, "wide", TestName = "A_zone_beats_no_selector")]
    [TestCase("example.com", null, "wide", TestName = "A_zone_holds_its_own_name")]
    [TestCase("*.shop.example.com", null, "narrow", TestName = "The_most_specific_zone_is_taken")]
    [TestCase("www.example.com", "web", "wide", TestName = "A_zone_beats_labels")]
    [TestCase("www.example.net", "web", "labelled", TestName = "Labels_beat_no_selector")]
    [TestCase("www.example.net", "mail", "fallback", TestName = "The_first_without_a_selector_is_taken_where_nothing_fits")]
    [TestCase("notexample.com", null, "fallback", TestName = "A_zone_holds_whole_labels_only")]
    [TestCase("a.web.example.net", "mail", "fallback", TestName = "Of_a_zone_and_labels_both_must_fit")]
    [TestCase("a.web.example.net", "web", "narrow-for-web", TestName = "A_zone_with_labels_that_fit_is_taken")]
    public void The_solver_that_fits_best(string hostname, string? team, string expected)
    {
        var resolved = Resolve(new PolicySpec { Hostname = hostname, SecretName = "a", Challenge = ChallengeKind.Dns01 }, Solvers, team).Policy!;
        Assert.That(resolved.Solvers.Single().Value.Name, Is.EqualTo(expected));
        Assert.That(resolved.Solvers.Single().Key, Is.EqualTo(hostname.Replace("*.", "", StringComparison.Ordinal)));
    }

    [Test]
    public void A_solver_that_the_policy_names_is_taken_whatever_its_selector()
    {
        var resolved = Resolve(new PolicySpec { Hostname = "www.example.com", AdditionalNames = ["*.elsewhere.test"], SecretName = "a", Challenge = ChallengeKind.Dns01, Solver = "narrow" }, Solvers).Policy!;
        Assert.That(resolved.Solvers.Values.Select(s => s.Name), Is.EqualTo(new[] { "narrow", "narrow" }));
    }

    [Test]
    public void Each_name_has_the_solver_of_its_own_zone()
    {
        var resolved = Resolve(new PolicySpec { Hostname = "www.example.com", AdditionalNames = ["*.example.org", "example.org"], SecretName = "a", Challenge = ChallengeKind.Dns01 }, Solvers).Policy!;
        Assert.That(resolved.Solvers.ToDictionary(s => s.Key, s => s.Value.Name), Is.EqualTo(new Dictionary<string, string> { ["www.example.com"] = "wide", ["example.org"] = "narrow" }));
    }

    [Test]
    public void A_policy_for_http_01_takes_the_http_01_solver_that_fits_best_and_the_operator_answers_for_other_names()
    {
        SolverSpec[] solvers = [.. Solvers, Http("edge", new Http01Spec { Ingress = new Http01IngressSpec() }, new SolverSelector { DnsZones = ["example.com"] })];
        var with = Resolve(A.Spec with { AdditionalNames = ["www.example.org", "192.0.2.1"] }, solvers).Policy!;
        Assert.That(with.Solvers.ToDictionary(s => s.Key, s => s.Value.Name), Is.EqualTo(new Dictionary<string, string> { ["www.example.com"] = "edge" }));
        Assert.That(Resolve(A.Spec, solvers).Policy!.RequestHash, Is.EqualTo(A.Resolved().RequestHash));
    }

    [Test]
    public void A_policy_for_http_01_needs_none_and_asks_the_CA_for_the_same_as_before()
    {
        var with = Resolve(A.Spec, Solvers).Policy!;
        Assert.That(with.Solvers, Is.Empty);
        Assert.That(with.RequestHash, Is.EqualTo(A.Resolved().RequestHash));
    }

    private static IEnumerable<TestCaseData> Wrong()
    {
        var spec = new PolicySpec { Hostname = "*.example.com", SecretName = "a", Challenge = ChallengeKind.Dns01 };
        var selective = Solver("s", new SolverSelector { DnsZones = ["example.org"] });
        yield return Case("no solver at all", spec, [], "spec.challenge: dns-01 needs a solver", "spec.solvers");
        yield return Case("a solver that does not exist", spec with { Solver = "typo" }, Solvers, "spec.solver: ", "narrow-for-web");
        yield return Case("a solver of the other kind", A.Spec with { Solver = "wide" }, Solvers, "spec.solver: solver wide is not for http-01", "Change one");
        yield return Case("a name that no solver selects", spec, [selective], "spec.hostname: no dns-01 solver", "add its zone to a selector");
        yield return Case("an IP address", spec with { AdditionalNames = ["192.0.2.1"] }, Solvers, "spec.additionalNames[0]: 192.0.2.1 is an IP address", "http-01");
        yield return Case("a solver without a provider", spec, [Solver("s", null) with { Dns01 = new Dns01Spec() }], "spec.solvers[s].dns01 names no DNS provider", "rfc2136");
        yield return Case("a key without its Secret", spec, [Server(new Rfc2136Spec { Server = "ns1.example.com", TsigKeyName = "k" })], "spec.solvers[s].dns01.rfc2136.tsigSecretName is missing", "Set both");
        yield return Case("a Secret without its key", spec, [Server(new Rfc2136Spec { Server = "ns1.example.com", TsigSecretName = "k" })], "spec.solvers[s].dns01.rfc2136.tsigKeyName is missing", "Set both");
        yield return Case("a server that is a URL", spec, [Server(new Rfc2136Spec { Server = "dns://ns1.example.com" })], "spec.solvers[s].dns01.rfc2136.server", "host:port");
        yield return Case("an unknown algorithm", spec, [Server(new Rfc2136Spec { Server = "ns1.example.com", TsigKeyName = "k", TsigSecretName = "k", TsigAlgorithm = "md5" })], "tsigAlgorithm", "hmac-sha256");
        yield return Case("a resolver that is none", spec, [Solver("s", null) with { Dns01 = new Dns01Spec { Rfc2136 = new Rfc2136Spec { Server = "ns1.example.com" }, Resolvers = ["1.1.1.1:0"] } }], "dns01.resolvers", "port between 1 and 65535");
        yield return Case("both kinds at once", A.Spec, [Http("s", new Http01Spec { Operator = new Http01OperatorSpec() }) with { Dns01 = new Dns01Spec { Rfc2136 = new Rfc2136Spec { Server = "ns1.example.com" } } }], "spec.solvers[s]: http01 and dns01 are both set", "Keep one");
        yield return Case("no way", A.Spec, [Http("s", new Http01Spec())], "spec.solvers[s].http01 does not say how", "operator: {}");
        yield return Case("two ways", A.Spec, [Http("s", new Http01Spec { Ingress = new Http01IngressSpec(), Webroot = new Http01WebrootSpec { ConfigMapName = "a" } })], "http01: ingress and webroot are both set", "Keep one");
        yield return Case("a ConfigMap's name that is none", A.Spec, [Http("s", new Http01Spec { Webroot = new Http01WebrootSpec { ConfigMapName = "A/b" } })], "http01.webroot.configMapName", "no name for a ConfigMap");
        yield return Case("no Gateway", A.Spec, [Http("s", new Http01Spec { Gateway = new Http01GatewaySpec() })], "http01.gateway.parentRefs is empty", "port 80");
        yield return Case("a Gateway's name that is none", A.Spec, [Http("s", new Http01Spec { Gateway = new Http01GatewaySpec { ParentRefs = [new GatewayReference { Name = "a" }, new GatewayReference { Name = "b c" }] } })], "http01.gateway.parentRefs[1].name", "no name for a Gateway");
        yield return Case("two classes", A.Spec, [Ingress(new Http01IngressSpec { ClassName = "nginx", Annotations = new Dictionary<string, string> { ["kubernetes.io/ingress.class"] = "nginx" } })], "http01.ingress: className and the annotation", "Keep one");
        yield return Case("a label of the operator", A.Spec, [Ingress(new Http01IngressSpec { Labels = new Dictionary<string, string> { ["certoperator.io/run"] = "x" } })], "http01.ingress.labels", "reserved");
        yield return Case("an annotation that is none", A.Spec, [Ingress(new Http01IngressSpec { Annotations = new Dictionary<string, string> { ["a b"] = "x" } })], "http01.ingress.annotations", "no valid key");
        yield return Case("a zone that is a wildcard", spec, [Solver("s", new SolverSelector { DnsZones = ["example.com", "*.example.com"] })], "selector.dnsZones", "wildcard");

        static TestCaseData Case(string name, PolicySpec spec, SolverSpec[] solvers, string expected, string advice)
            => new TestCaseData(spec, solvers, expected, advice).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Wrong))]
    public void A_wrong_choice_is_named(PolicySpec spec, SolverSpec[] solvers, string expected, string advice)
    {
        var resolution = Resolve(spec, solvers);
        Assert.That(resolution.Policy, Is.Null);
        Assert.That(string.Join(" ", resolution.Problems.Select(p => p.Message)), Does.Contain(expected).And.Contain(advice));
        Assert.That(resolution.Problems.Select(p => p.Message), Has.All.EndWith("."));
    }

    [Test]
    public void An_Ingress_may_carry_the_annotation_for_its_class()
    {
        var ingress = Ingress(new Http01IngressSpec { Annotations = new Dictionary<string, string> { ["kubernetes.io/ingress.class"] = "nginx", ["nginx.ingress.kubernetes.io/ssl-redirect"] = "false" } });
        Assert.That(Resolve(A.Spec, [ingress]).Problems, Is.Empty);
    }

    [Test]
    public void A_wildcard_is_not_probed_but_the_first_host_beside_it_is()
    {
        var alone = Resolve(new PolicySpec { Hostname = "*.example.com", SecretName = "a", Challenge = ChallengeKind.Dns01 }, Solvers).Policy!;
        var beside = Resolve(new PolicySpec { Hostname = "*.example.com", AdditionalNames = ["example.com"], SecretName = "a", Challenge = ChallengeKind.Dns01 }, Solvers).Policy!;
        Assert.That(alone.Verification.Endpoints, Is.Empty);
        Assert.That(beside.Verification.Endpoints.Select(e => e.ToString()), Is.EqualTo(new[] { "example.com:443" }));
    }

    private static SolverSpec Solver(string name, SolverSelector? selector)
        => new() { Name = name, Selector = selector, Dns01 = new Dns01Spec { Rfc2136 = new Rfc2136Spec { Server = "ns1.example.com" } } };

    private static SolverSpec Http(string name, Http01Spec http01, SolverSelector? selector = null) => new() { Name = name, Selector = selector, Http01 = http01 };

    private static SolverSpec Ingress(Http01IngressSpec ingress) => Http("s", new Http01Spec { Ingress = ingress });

    private static SolverSpec Server(Rfc2136Spec rfc2136) => new() { Name = "s", Dns01 = new Dns01Spec { Rfc2136 = rfc2136 } };

    private static PolicyResolution Resolve(PolicySpec spec, SolverSpec[] solvers, string? team = null)
    {
        var policy = A.Policy(spec);
        policy.Metadata.Labels = team is null ? null : new Dictionary<string, string> { ["team"] = team };
        var settings = new CertificateRenewalSettings { Metadata = new ObjectMeta { Name = "default", Namespace = "shop" }, Spec = new SettingsSpec { Solvers = solvers } };
        return PolicyResolver.Resolve(policy, settings);
    }
}

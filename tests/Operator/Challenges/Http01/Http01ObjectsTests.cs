using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Operator.Challenges;
using CertOperator.Operator.Challenges.Http01;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Challenges.Http01;

/// <summary>What is made in the cluster for a challenge, as the API server gets it.</summary>
public sealed class Http01ObjectsTests
{
    private const string Name = "certoperator-http01-0123456789";

    private static readonly ChallengeOwner Owner = ChallengeOwner.Of(A.Run());
    private static readonly RunChallenge Challenge = new() { Hostname = "www.example.com", Type = "http-01", Token = "dG9rZW4", KeyAuthorization = "dG9rZW4.eA" };

    [Test]
    public void An_Ingress_leads_one_path_of_the_host_to_the_Service()
    {
        var spec = new Http01IngressSpec
        {
            ClassName = "nginx",
            Labels = new Dictionary<string, string> { ["team"] = "web" },
            Annotations = new Dictionary<string, string> { ["nginx.ingress.kubernetes.io/ssl-redirect"] = "false" },
        };
        AssertJson(
            IngressPlace.IngressOf(Owner, spec, Name, Challenge),
            """
            {"apiVersion":"networking.k8s.io/v1","kind":"Ingress",
             "metadata":{"name":"certoperator-http01-0123456789","namespace":"shop",
              "labels":{"team":"web","app.kubernetes.io/managed-by":"certoperator","certoperator.io/policy":"www","certoperator.io/run":"www-1"},
              "annotations":{"nginx.ingress.kubernetes.io/ssl-redirect":"false"},
              "ownerReferences":[{"apiVersion":"certoperator.io/v1alpha1","kind":"CertificateRenewalRun","name":"www-1","uid":"run-www-1","controller":true}]},
             "spec":{"ingressClassName":"nginx","rules":[{"host":"www.example.com","http":{"paths":[
              {"path":"/.well-known/acme-challenge/dG9rZW4","pathType":"Exact","backend":{"service":{"name":"certoperator-http01-0123456789","port":{"number":80}}}}]}}]}}
            """);
    }

    [TestCase(null, "Exact")]
    [TestCase(IngressPathType.Prefix, "Prefix")]
    [TestCase(IngressPathType.ImplementationSpecific, "ImplementationSpecific")]
    public void The_path_type_is_the_users(IngressPathType? given, string expected)
    {
        var ingress = IngressPlace.IngressOf(Owner, new Http01IngressSpec { PathType = given }, Name, Challenge);
        Assert.That(ingress.Spec.Rules[0].Http!.Paths[0].PathType, Is.EqualTo(expected));
        Assert.That(ingress.Spec.IngressClassName, Is.Null);
    }

    [TestCase("192.0.2.1")]
    [TestCase("2001:db8::1")]
    public void An_address_is_no_host_of_an_Ingress_or_route(string address)
    {
        var challenge = Challenge with { Hostname = address };
        Assert.That(IngressPlace.IngressOf(Owner, new Http01IngressSpec(), Name, challenge).Spec.Rules[0].Host, Is.Null);
        Assert.That(GatewayPlace.RouteOf(Owner, new Http01GatewaySpec(), Name, challenge).Spec.Hostnames, Is.Null);
    }

    [Test]
    public void A_route_leads_one_path_of_the_host_from_the_Gateway_to_the_Service()
    {
        var spec = new Http01GatewaySpec { ParentRefs = [new GatewayReference { Name = "edge", Namespace = "infra", SectionName = "http", Port = 80 }, new GatewayReference { Name = "inner" }] };
        AssertJson(
            GatewayPlace.RouteOf(Owner, spec, Name, Challenge),
            """
            {"apiVersion":"gateway.networking.k8s.io/v1","kind":"HTTPRoute",
             "metadata":{"name":"certoperator-http01-0123456789","namespace":"shop",
              "labels":{"app.kubernetes.io/managed-by":"certoperator","certoperator.io/policy":"www","certoperator.io/run":"www-1"},
              "ownerReferences":[{"apiVersion":"certoperator.io/v1alpha1","kind":"CertificateRenewalRun","name":"www-1","uid":"run-www-1","controller":true}]},
             "spec":{"parentRefs":[{"namespace":"infra","name":"edge","sectionName":"http","port":80},{"name":"inner"}],"hostnames":["www.example.com"],"rules":[
              {"matches":[{"path":{"type":"Exact","value":"/.well-known/acme-challenge/dG9rZW4"}}],"backendRefs":[{"name":"certoperator-http01-0123456789","port":80}]}]}}
            """);
    }

    [Test]
    public void The_Service_has_no_selector_and_a_slice_holds_the_operators_pods()
    {
        var service = OperatorRoute.ServiceOf(Owner, Name, "NodePort");
        var slice = OperatorRoute.SliceOf(Owner, Name, new OperatorBackend("IPv6", 8402, ["fd00::7", "fd00::8"]));
        Assert.That(JsonSerializer.Serialize(service.Spec, Json), Is.EqualTo("""{"type":"NodePort","ports":[{"name":"http","protocol":"TCP","port":80}]}"""));
        AssertJson(
            slice,
            """
            {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice",
             "metadata":{"name":"certoperator-http01-0123456789-6-8402","namespace":"shop",
              "labels":{"kubernetes.io/service-name":"certoperator-http01-0123456789","endpointslice.kubernetes.io/managed-by":"certoperator",
               "app.kubernetes.io/managed-by":"certoperator","certoperator.io/policy":"www","certoperator.io/run":"www-1"},
              "ownerReferences":[{"apiVersion":"certoperator.io/v1alpha1","kind":"CertificateRenewalRun","name":"www-1","uid":"run-www-1","controller":true}]},
             "addressType":"IPv6","endpoints":[{"addresses":["fd00::7"],"conditions":{"ready":true}},{"addresses":["fd00::8"],"conditions":{"ready":true}}],
             "ports":[{"name":"http","protocol":"TCP","port":8402}]}
            """);
    }

    [Test]
    public void The_operators_own_labels_win()
    {
        var labels = Owner.Metadata(Name, new Dictionary<string, string> { ["app.kubernetes.io/managed-by"] = "somebody" }).Labels!;
        Assert.That(labels["app.kubernetes.io/managed-by"], Is.EqualTo("certoperator"));
    }

    [Test]
    public void A_name_is_the_same_again_and_another_for_each_run_and_token()
    {
        var names = new[] { Naming.Http01("run-1", "a"), Naming.Http01("run-1", "b"), Naming.Http01("run-2", "a") };
        Assert.That(names, Is.Unique);
        Assert.That(Naming.Http01("run-1", "a"), Is.EqualTo(names[0]).And.Length.LessThan(50).And.Match("^[a-z]([-a-z0-9]*[a-z0-9])?$"));
    }

    [Test]
    public void Of_the_operators_endpoints_the_ready_ones_are_taken_by_port_and_family()
    {
        var backends = OperatorBackends.Choose(
        [
            Slice("IPv4", [new EndpointPort { Name = "metrics", Port = 9402 }, new EndpointPort { Name = "http01", Protocol = "TCP", Port = 8402 }], ("10.0.0.2", true), ("10.0.0.3", false), ("10.0.0.1", null)),
            Slice("IPv4", [new EndpointPort { Name = "http01", Port = 8402 }], ("10.0.0.9", true), ("10.0.0.2", true)),
            Slice("IPv4", [new EndpointPort { Name = "http01", Port = 8500 }], ("10.0.0.10", true)),
            Slice("IPv6", [new EndpointPort { Port = 8402 }], ("fd00::1", true)),
            Slice("IPv6", [new EndpointPort { Name = "a", Port = 1 }, new EndpointPort { Name = "b", Port = 2 }], ("fd00::2", true)),
            Slice("IPv6", [new EndpointPort { Name = "http01", Port = 8600 }], ("fd00::3", false)),
            Slice("FQDN", [new EndpointPort { Name = "http01", Port = 8402 }], ("pod.example.com", true)),
            Slice("IPv4", [new EndpointPort { Name = "http01", Protocol = "UDP", Port = 8402 }], ("10.0.0.20", true)),
        ]);
        Assert.That(
            backends.Select(b => $"{b.AddressType} {b.Port} {string.Join(' ', b.Addresses)}"),
            Is.EqualTo(new[] { "IPv4 8402 10.0.0.1 10.0.0.2 10.0.0.9", "IPv4 8500 10.0.0.10", "IPv6 8402 fd00::1" }));
    }

    [Test]
    public void What_a_Gateway_says_of_a_route_is_told()
    {
        static HttpRoute Route(params Condition[] conditions)
            => new() { Metadata = new ObjectMeta { Name = Name }, Status = new HttpRouteStatus { Parents = [new RouteParentStatus { ParentRef = new RouteParentReference { Name = "edge" }, Conditions = [.. conditions] }] } };

        var refused = Route(
            new Condition { Type = "Accepted", Status = "False", Reason = "NotAllowedByListeners", Message = "Namespace shop is not allowed." },
            new Condition { Type = "ResolvedRefs", Status = "True", Reason = "ResolvedRefs" });
        Assert.That(GatewayPlace.Explain(refused), Is.EqualTo($"HTTPRoute {Name} leads there. Gateway edge says Accepted is False of it, NotAllowedByListeners: Namespace shop is not allowed."));
        Assert.That(GatewayPlace.Explain(Route(new Condition { Type = "Accepted", Status = "True" })), Does.EndWith("its Gateway has taken it."));
        Assert.That(GatewayPlace.Explain(new HttpRoute()), Does.EndWith("no Gateway has taken it yet."));
    }

    [Test]
    public void One_key_of_a_ConfigMap_is_written_or_removed_by_itself()
    {
        Assert.That(Encoding.UTF8.GetString(WebrootPlace.KeyPatch("tok", "tok.x").Body.Span), Is.EqualTo("""{"data":{"tok":"tok.x"}}"""));
        Assert.That(Encoding.UTF8.GetString(WebrootPlace.KeyPatch("tok", null).Body.Span), Is.EqualTo("""{"data":{"tok":null}}"""));
    }

    private static readonly JsonSerializerOptions Json = new(KubernetesJsonContext.Default.Options);

    private static void AssertJson<T>(T obj, string expected)
        => Assert.That(
            JsonNode.DeepEquals(JsonSerializer.SerializeToNode(obj, Json), JsonNode.Parse(expected)),
            Is.True,
            () => JsonSerializer.Serialize(obj, Json));

    private static EndpointSlice Slice(string type, EndpointPort[] ports, params (string Address, bool? Ready)[] endpoints)
        => new()
        {
            AddressType = type,
            Ports = [.. ports],
            Endpoints = [.. endpoints.Select(e => new Endpoint { Addresses = [e.Address], Conditions = e.Ready is null ? null : new EndpointConditions { Ready = e.Ready } })],
        };
}

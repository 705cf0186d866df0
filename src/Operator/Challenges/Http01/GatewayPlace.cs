using System.Net;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;

namespace CertOperator.Operator.Challenges.Http01;

/// <summary>An HTTPRoute leads requests for one token from a Gateway to the operator.</summary>
public sealed class GatewayPlace(ChallengeObjects objects, OperatorRoute route, ChallengeOwner owner, Http01GatewaySpec spec) : IAnswerPlace
{
    private const int MaxMessage = 500;

    public PresentedAnswer? Locate(RunChallenge challenge) => new() { Kind = AnswerKinds.Route, Name = NameOf(challenge) };

    public Task PutAsync(RunChallenge challenge, CancellationToken cancellationToken) => ApplyAsync(challenge, cancellationToken);

    public async Task<string?> TendAsync(RunChallenge challenge, CancellationToken cancellationToken)
        => Explain(await ApplyAsync(challenge, cancellationToken));

    public static HttpRoute RouteOf(ChallengeOwner owner, Http01GatewaySpec spec, string name, RunChallenge challenge)
        => new()
        {
            Metadata = owner.Metadata(name, spec.Labels, spec.Annotations),
            Spec = new HttpRouteSpec
            {
                ParentRefs = [.. spec.ParentRefs.Select(p => new RouteParentReference { Name = p.Name, Namespace = p.Namespace, SectionName = p.SectionName, Port = p.Port })],
                Hostnames = IPAddress.TryParse(challenge.Hostname, out _) ? null : [challenge.Hostname],
                Rules =
                [
                    new HttpRouteRule
                    {
                        Matches = [new HttpRouteMatch { Path = new HttpPathMatch { Type = "Exact", Value = Http01Solver.PathOf(challenge) } }],
                        BackendRefs = [new HttpBackendReference { Name = name, Port = OperatorRoute.Port }],
                    },
                ],
            },
        };

    /// <summary>What the Gateway's controller says about the route. Pure.</summary>
    public static string Explain(HttpRoute route)
    {
        var parents = route.Status?.Parents ?? [];
        var complaints = parents
            .SelectMany(p => p.Conditions.Where(c => c is { Type: "Accepted" or "ResolvedRefs", Status: "False" }).Select(c => $"Gateway {p.ParentRef.Name} says {c.Type} is False of it, {c.Reason}: {Shorten(c.Message)}."))
            .ToList();
        var verdict = complaints.Count > 0 ? $". {string.Join(" ", complaints)}" : parents.Count > 0 ? ", and its Gateway has taken it." : ", and no Gateway has taken it yet.";
        return $"HTTPRoute {route.Metadata.Name} leads there{verdict}";
    }

    private async Task<HttpRoute> ApplyAsync(RunChallenge challenge, CancellationToken cancellationToken)
    {
        await route.PutAsync(owner, NameOf(challenge), "ClusterIP", cancellationToken);
        return await objects.ApplyAsync(NetworkResources.HttpRoutes, RouteOf(owner, spec, NameOf(challenge), challenge), cancellationToken);
    }

    private static string Shorten(string message) => message.Length <= MaxMessage ? message.TrimEnd('.') : message[..MaxMessage] + "…";

    /// <summary>Not by the status, which could name a route of somebody else to be overwritten.</summary>
    private string NameOf(RunChallenge challenge) => Naming.Http01(owner.Uid, challenge.Token);
}

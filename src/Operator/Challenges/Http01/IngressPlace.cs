using System.Net;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;

namespace CertOperator.Operator.Challenges.Http01;

/// <summary>An Ingress leads requests for one token to the operator.</summary>
public sealed class IngressPlace(ChallengeObjects objects, OperatorRoute route, ChallengeOwner owner, Http01IngressSpec spec) : IAnswerPlace
{
    public PresentedAnswer? Locate(RunChallenge challenge) => new() { Kind = AnswerKinds.Ingress, Name = NameOf(challenge) };

    public async Task PutAsync(RunChallenge challenge, CancellationToken cancellationToken)
    {
        var name = NameOf(challenge);
        await route.PutAsync(owner, name, ServiceType, cancellationToken);
        await objects.ApplyAsync(NetworkResources.Ingresses, IngressOf(owner, spec, name, challenge), cancellationToken);
    }

    public async Task<string?> TendAsync(RunChallenge challenge, CancellationToken cancellationToken)
    {
        await PutAsync(challenge, cancellationToken);
        return $"Ingress {NameOf(challenge)} leads there once the controller of {(spec.ClassName is { } name ? $"class {name}" : "the default class")} has taken it up.";
    }

    public static Ingress IngressOf(ChallengeOwner owner, Http01IngressSpec spec, string name, RunChallenge challenge)
        => new()
        {
            Metadata = owner.Metadata(name, spec.Labels, spec.Annotations),
            Spec = new IngressSpec
            {
                IngressClassName = spec.ClassName,
                Rules =
                [
                    new IngressRule
                    {
                        // An Ingress takes no address for a host; the token alone says enough.
                        Host = IPAddress.TryParse(challenge.Hostname, out _) ? null : challenge.Hostname,
                        Http = new HttpIngressRule
                        {
                            Paths =
                            [
                                new HttpIngressPath
                                {
                                    Path = Http01Solver.PathOf(challenge),
                                    PathType = (spec.PathType ?? IngressPathType.Exact).ToString(),
                                    Backend = new IngressBackend { Service = new IngressServiceBackend { Name = name, Port = new ServiceBackendPort { Number = OperatorRoute.Port } } },
                                },
                            ],
                        },
                    },
                ],
            },
        };

    /// <summary>Not by the status, which could name an Ingress of somebody else to be overwritten.</summary>
    private string NameOf(RunChallenge challenge) => Naming.Http01(owner.Uid, challenge.Token);

    private string ServiceType => spec.ServiceType == SolverServiceType.NodePort ? "NodePort" : "ClusterIP";
}

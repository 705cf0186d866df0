using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
using CertOperator.Providers.Challenges;
using CertOperator.Providers.Http01;
using CertOperator.Providers.Issuance;

namespace CertOperator.Operator.Challenges.Http01;

/// <summary>Makes solvers of http-01 from settings.</summary>
public sealed class Http01Solvers(ChallengeObjects objects, OperatorBackends backends, OperatorRoute route, AnswerRemoval removal, Http01SelfCheck selfCheck)
{
    private static readonly TimeSpan OperatorPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(300);

    public AnswerRemoval Removal => removal;

    public IChallengeSolver Create(ChallengeOwner owner, SolverSpec solver)
    {
        var spec = solver.Http01!;
        IAnswerPlace place = spec switch
        {
            { Ingress: { } ingress } => new IngressPlace(objects, route, owner, ingress),
            { Gateway: { } gateway } => new GatewayPlace(objects, route, owner, gateway),
            { Webroot: { } webroot } => new WebrootPlace(objects, owner.Namespace, webroot),
            _ => new OperatorPlace(),
        };
        var patience = spec.SelfCheckTimeoutSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : place is OperatorPlace ? OperatorPatience : DefaultPatience;
        return new Http01Solver(place, removal, selfCheck, owner, new Http01Options(solver.Name, patience));
    }

    /// <summary>What would stop a run that uses the solver; null where nothing does.</summary>
    public async Task<PolicyProblem?> FindProblemAsync(string @namespace, SolverSpec solver, CancellationToken cancellationToken)
    {
        var path = $"CertificateRenewalSettings default: spec.solvers[{solver.Name}].http01";
        var problem = solver.Http01 switch
        {
            { Ingress: not null } or { Gateway: not null } when backends.Problem is { } unknown => $"{path} leads to the operator. {unknown}",
            { Webroot: { } webroot } => await FindWebrootProblemAsync(new NamespacedName(@namespace, webroot.ConfigMapName), $"{path}.webroot.configMapName", cancellationToken),
            _ => null,
        };
        return problem is null ? null : new PolicyProblem(PolicyReasons.SolverUnusable, problem);
    }

    private async Task<string?> FindWebrootProblemAsync(NamespacedName name, string field, CancellationToken cancellationToken)
    {
        try
        {
            return await objects.FindAsync(CoreResources.ConfigMaps, name, cancellationToken) is null ? $"{field}: {WebrootPlace.Missing(name)}" : null;
        }
        catch (IssuanceException e)
        {
            return $"{field}: {e.Message}";
        }
    }
}

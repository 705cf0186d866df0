using CertOperator.Crds.Runs;

namespace CertOperator.Operator.Challenges.Http01;

/// <summary>Requests reach the operator as things are.</summary>
public sealed class OperatorPlace : IAnswerPlace
{
    public PresentedAnswer? Locate(RunChallenge challenge) => null;

    public Task PutAsync(RunChallenge challenge, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<string?> TendAsync(RunChallenge challenge, CancellationToken cancellationToken)
        => Task.FromResult<string?>("Let requests for /.well-known/acme-challenge/ at port 80 reach the operator's Service, or use a solver that makes an Ingress or HTTPRoute.");
}

namespace CertOperator.Acme;

/// <summary>
/// The server refused a request and said why. Also thrown for a bare HTTP 404, 409 (key change), 429 and 5xx without a problem
/// document, which load balancers in front of CAs send; the problem's type is then <see cref="AcmeProblem.UntypedProblem"/>.
/// </summary>
public sealed class AcmeProblemException(AcmeProblem problem, string action)
    : AcmeException($"The ACME server refused {action} with HTTP {problem.Status}: {problem}")
{
    public AcmeProblem Problem { get; } = problem;

    public AcmeErrorKind Kind => Problem.Kind;

    public TimeSpan? RetryAfter => Problem.RetryAfter;
}

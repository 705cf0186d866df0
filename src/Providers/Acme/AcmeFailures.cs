using CertOperator.Acme;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Acme;

/// <summary>Turns what the ACME library throws into what a run can do about it. The one place that judges ACME errors.</summary>
public static class AcmeFailures
{
    /// <param name="exception">What the library threw.</param>
    /// <param name="server">Who was asked.</param>
    /// <param name="field">Where a policy says how that server is asked.</param>
    public static IssuanceException Translate(AcmeException exception, Uri server, string field = AcmeIssuer.DefaultField)
        => exception switch
        {
            AcmeProblemException problem => FromProblem(problem.Problem, server, field, problem),
            AcmeProtocolException protocol => new IssuanceException(IssuanceFailure.Failed, IssuanceReasons.NotAnAcmeServer, protocol.Message, inner: protocol),
            AcmeCredentialException credential => new IssuanceException(IssuanceFailure.Failed, IssuanceReasons.InvalidCredentials, credential.Message, inner: credential),
            _ => FromTransport(exception),
        };

    public static IssuanceException FromProblem(AcmeProblem problem, Uri server, string field, Exception? inner = null)
    {
        var (failure, reason, advice) = Judge(problem, field);
        return new IssuanceException(failure, reason, $"{server.Host} answered {Sentence(problem)}{(advice.Length == 0 ? "" : " ")}{advice}", problem.RetryAfter, inner);
    }

    /// <summary>The CA's words, which end as the CA likes, so that advice can follow.</summary>
    public static string Sentence(AcmeProblem problem) => problem.ToString() is var text && text.EndsWith('.') ? text : text + ".";

    private static (IssuanceFailure Failure, string Reason, string Advice) Judge(AcmeProblem problem, string field)
        => problem.Kind switch
        {
            AcmeErrorKind.RateLimited => (IssuanceFailure.Transient, IssuanceReasons.RateLimited, "The next try waits as long as the CA asks."),
            AcmeErrorKind.ServerInternal => (IssuanceFailure.Transient, IssuanceReasons.ServerError, "The CA has a fault; the operator tries again."),
            AcmeErrorKind.BadNonce or AcmeErrorKind.OrderNotReady => (IssuanceFailure.Transient, IssuanceReasons.ServerError, "The operator tries again."),
            AcmeErrorKind.AccountDoesNotExist => (IssuanceFailure.Transient, IssuanceReasons.AccountRefused, "The account is registered again."),
            AcmeErrorKind.UserActionRequired => (
                IssuanceFailure.NeedsManual,
                IssuanceReasons.TermsOfServiceChanged,
                problem.Instance is null ? "The CA asks for an action of the account's holder." : $"Visit {problem.Instance}."),
            AcmeErrorKind.ExternalAccountRequired => (
                IssuanceFailure.Failed,
                IssuanceReasons.ExternalAccountRequired,
                $"Set {field}.externalAccountBinding with the key that the CA gave you."),
            AcmeErrorKind.RejectedIdentifier or AcmeErrorKind.UnsupportedIdentifier => (
                IssuanceFailure.Failed,
                IssuanceReasons.NameRefused,
                "The CA does not issue for this name; change spec.hostname or spec.additionalNames, or use another CA."),
            AcmeErrorKind.Caa => (IssuanceFailure.Failed, IssuanceReasons.NameRefused, "Allow this CA in the CAA record of the domain."),
            AcmeErrorKind.InvalidProfile => (IssuanceFailure.Failed, IssuanceReasons.UnknownProfile, $"Set {field}.profile to one that the CA offers, or remove it."),
            AcmeErrorKind.InvalidContact or AcmeErrorKind.UnsupportedContact => (IssuanceFailure.Failed, IssuanceReasons.AccountRefused, $"Correct {field}.email."),
            AcmeErrorKind.BadCsr or AcmeErrorKind.BadPublicKey => (IssuanceFailure.Failed, IssuanceReasons.SigningRequestRefused, "Choose another spec.key."),
            AcmeErrorKind.Unauthorized => (
                IssuanceFailure.Failed,
                IssuanceReasons.AccountRefused,
                "Check that the account is not deactivated and that the external account binding, where there is one, is right."),
            AcmeErrorKind.Connection or AcmeErrorKind.Dns or AcmeErrorKind.IncorrectResponse or AcmeErrorKind.Tls => (
                IssuanceFailure.Failed,
                IssuanceReasons.ChallengeFailed,
                "Check that the name leads to the operator."),
            _ => (IssuanceFailure.Failed, IssuanceReasons.OrderRefused, ""),
        };

    private static IssuanceException FromTransport(AcmeException exception)
        => TransportFailures.Find(exception) ?? new IssuanceException(IssuanceFailure.Transient, IssuanceReasons.ServerUnreachable, exception.Message, inner: exception);
}

using Amazon.Runtime;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Aws;

/// <summary>Turns what AWS answers, or what goes wrong on the way there, into what a run can do about it. The one place that judges what all services have in common.</summary>
public static class AwsFailures
{
    private const int MaxExcerpt = 500;

    /// <summary>An error that any service may answer with.</summary>
    /// <returns>Null where the code is the service's own.</returns>
    public static IssuanceException? FromCommon(AwsError error, AwsCall call)
    {
        ArgumentNullException.ThrowIfNull(error);
        ArgumentNullException.ThrowIfNull(call);
        return error.Code switch
        {
            "Throttling" or "ThrottlingException" or "ThrottledException" or "RequestThrottled" or "RequestThrottledException" or "TooManyRequestsException" or "RequestLimitExceeded" or "SlowDown" or "BandwidthLimitExceeded"
                => Make(IssuanceFailure.Transient, IssuanceReasons.RateLimited, error, call, "It is asked too often; the operator waits and tries again."),

            "ExpiredToken" or "ExpiredTokenException" or "TokenRefreshRequired" => Expired(error, call),

            "UnrecognizedClientException" or "InvalidClientTokenId" or "InvalidAccessKeyId" or "AuthFailure"
                => Make(IssuanceFailure.NeedsManual, AwsReasons.CredentialsRefused, error, call, $"AWS does not know {call.Access.Identity} in region {call.Access.Region}. {Mend(call.Access)} A region that is not enabled for the account answers like this, too."),

            "InvalidSignatureException" or "SignatureDoesNotMatch" or "IncompleteSignature" or "IncompleteSignatureException" or "RequestExpired" or "RequestTimeTooSkewed"
                => Make(IssuanceFailure.NeedsManual, AwsReasons.CredentialsRefused, error, call, $"Check that secretAccessKey belongs to accessKeyId, that {call.Access.Field} names the region of its endpoint ({call.Access.Region} now), and that this host's clock is right."),

            "MissingAuthenticationToken" or "MissingAuthenticationTokenException"
                => Make(IssuanceFailure.NeedsManual, AwsReasons.CredentialsRefused, error, call, Mend(call.Access)),

            "AccessDenied" or "AccessDeniedException" or "UnauthorizedOperation" or "NotAuthorized" or "OptInRequired"
                => Make(IssuanceFailure.NeedsManual, AwsReasons.AccessDenied, error, call, $"Allow {call.Action} on {call.Subject} for {call.Access.Identity}, then resume the run."),

            _ when error.Status == 429 => Make(IssuanceFailure.Transient, IssuanceReasons.RateLimited, error, call, "The operator waits and tries again."),

            "ServiceUnavailable" or "ServiceUnavailableException" or "InternalFailure" or "InternalServerError" or "InternalServiceError" or "InternalServerException" or "RequestTimeout" or "RequestTimeoutException"
                => Fault(error, call),
            _ when error.Status >= 500 => Fault(error, call),
            _ => null,
        };
    }

    /// <summary>An error that neither all services have in common nor this one is known for.</summary>
    public static IssuanceException Other(AwsError error, AwsCall call) => Make(IssuanceFailure.Failed, AwsReasons.RequestRefused, error, call, "");

    /// <param name="failure">What can be done about it.</param>
    /// <param name="reason">One word.</param>
    /// <param name="error">What AWS answered.</param>
    /// <param name="call">What was asked.</param>
    /// <param name="advice">What to do.</param>
    public static IssuanceException Make(IssuanceFailure failure, string reason, AwsError error, AwsCall call, string advice)
    {
        ArgumentNullException.ThrowIfNull(error);
        ArgumentNullException.ThrowIfNull(call);
        var words = Excerpt(error.Message) is { Length: > 0 } said ? $"{error.Code}: {said}" : error.Code;
        var sentence = $"{call.Service} refused {call.Action} on {call.Subject} with {words}";
        return new IssuanceException(failure, reason, $"{sentence}{(sentence.EndsWith('.') ? "" : ".")}{(advice.Length == 0 ? "" : " ")}{advice}");
    }

    /// <summary>What the SDK throws when no answer came, or none that can be read.</summary>
    public static IssuanceException FromTransport(Exception exception, Uri endpoint, AwsCall call)
    {
        ArgumentNullException.ThrowIfNull(exception);
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(call);
        if (TransportFailures.Find(exception, connect => new IssuanceException(IssuanceFailure.Transient, IssuanceReasons.ServerUnreachable, $"{call.Service}: {connect.Message} Check {call.Access.EndpointFields}.", inner: exception)) is { } known)
        {
            return known;
        }

        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is AmazonUnmarshallingException or System.Text.Json.JsonException or System.Xml.XmlException)
            {
                return Unreadable(endpoint, call, exception);
            }
        }

        return new IssuanceException(IssuanceFailure.Transient, IssuanceReasons.ServerUnreachable, $"{call.Service} at {endpoint.Authority} gave no whole answer to {call.Action}: {Excerpt(exception.GetBaseException().Message)}", inner: exception);
    }

    /// <summary>An answer that was cut off, or comes from something that is not AWS.</summary>
    public static IssuanceException Unreadable(Uri endpoint, AwsCall call, Exception? inner = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(call);
        return new IssuanceException(
            IssuanceFailure.Transient,
            AwsReasons.UnexpectedAnswer,
            $"{call.Service} at {endpoint.Authority} answered {call.Action} with something that is no whole answer of its API. The operator tries again; if that goes on, check {call.Access.EndpointFields}.",
            inner: inner);
    }

    /// <summary>One line of what a server said, without anything that a terminal or a log would act on.</summary>
    public static string Excerpt(string text) => ServerWords.Excerpt(text, MaxExcerpt);

    private static IssuanceException Fault(AwsError error, AwsCall call)
        => Make(IssuanceFailure.Transient, IssuanceReasons.ServerError, error, call, "AWS has a fault; the operator tries again.");

    /// <summary>What was lent by assuming a role, or is the operator's own, is fetched anew; what stands in a Secret only a person can replace.</summary>
    private static IssuanceException Expired(AwsError error, AwsCall call)
        => call.Access is { AccessKey: { SessionToken: not null }, RoleArn: null } || IsAboutTheSecret(call)
            ? Make(IssuanceFailure.NeedsManual, AwsReasons.CredentialsExpired, error, call, $"Write new temporary credentials to Secret {call.Access.CredentialsSecretName}, then resume the run.")
            : Make(IssuanceFailure.Transient, AwsReasons.CredentialsExpired, error, call, "The operator fetches new credentials and tries again.");

    private static bool IsAboutTheSecret(AwsCall call) => call is { Action: AwsIdentities.AssumeRole, Access.AccessKey: not null };

    private static string Mend(AwsAccess access)
        => access.CredentialsSecretName is { } secret
            ? $"Correct accessKeyId and secretAccessKey of Secret {secret}, named by {access.Field}.credentialsSecretName, then resume the run."
            : $"Give the operator's Pod an identity, or name a Secret in {access.Field}.credentialsSecretName, then resume the run.";
}

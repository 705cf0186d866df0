using System.Collections.Concurrent;
using System.Globalization;
using System.Web;
using CertOperator.TestSupport.Proxies;

namespace CertOperator.TestSupport.Aws;

/// <summary>The Security Token Service (2011-06-15): lends a role's rights to those whom its trust policy names.</summary>
public sealed class FakeSts
{
    private const string Xmlns = "https://sts.amazonaws.com/doc/2011-06-15/";

    private readonly FakeAws _aws;
    private readonly TimeProvider _timeProvider;
    private readonly ConcurrentDictionary<string, FakeRole> _roles = new();
    private readonly ConcurrentQueue<FakeAwsUser> _sessions = new();

    internal FakeSts(FakeAws aws, TimeProvider timeProvider)
    {
        _aws = aws;
        _timeProvider = timeProvider;
    }

    /// <summary>How long lent rights last. <value>One hour.</value></summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Those who assumed a role, the latest last.</summary>
    public IReadOnlyList<FakeAwsUser> Sessions => [.. _sessions];

    /// <param name="name">The role's name.</param>
    /// <param name="externalId">What has to be named; null for nothing.</param>
    /// <param name="webIdentityToken">What a service account has to show; null where none may come.</param>
    /// <returns>The role's ARN.</returns>
    public string AddRole(string name, string? externalId = null, string? webIdentityToken = null)
    {
        string arn = $"arn:aws:iam::{FakeAws.Account}:role/{name}";
        _roles[arn] = new FakeRole(externalId, webIdentityToken);
        return arn;
    }

    internal FakeAwsAnswer Answer(ProxiedRequest request, Func<ProxiedRequest, string, (FakeAwsUser? User, FakeAwsAnswer? Refusal)> verify)
    {
        var form = HttpUtility.ParseQueryString(request.BodyText);
        string action = form["Action"] ?? "";
        string roleArn = form["RoleArn"] ?? "";
        FakeRole? role = _roles.GetValueOrDefault(roleArn);
        if (form["Version"] != "2011-06-15" || action is not ("AssumeRole" or "AssumeRoleWithWebIdentity") || string.IsNullOrEmpty(form["RoleSessionName"]))
        {
            _aws.Complain($"sts: {request.BodyText}");
            return Error("ValidationError", "The request is not understood.", 400);
        }

        if (action == "AssumeRoleWithWebIdentity")
        {
            return role?.WebIdentityToken is { } token && form["WebIdentityToken"] == token
                ? Lend(action, roleArn, form["RoleSessionName"]!)
                : Error("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", 403);
        }

        (FakeAwsUser? user, FakeAwsAnswer? refusal) = verify(request, "sts");
        if (refusal is not null)
        {
            return user is { IsExpired: true } ? Error("ExpiredToken", "The security token included in the request is expired", 403)
                : user is null ? Error("InvalidClientTokenId", "The security token included in the request is invalid.", 403)
                : Error("SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.", 403);
        }

        return role is null || (role.ExternalId is not null && form["ExternalId"] != role.ExternalId) || user!.Denied.Contains("sts:AssumeRole")
            ? Error("AccessDenied", $"User: {user!.Arn} is not authorized to perform: sts:AssumeRole on resource: {roleArn}", 403)
            : Lend(action, roleArn, form["RoleSessionName"]!);
    }

    private FakeAwsAnswer Lend(string action, string roleArn, string session)
    {
        FakeAwsUser user = _aws.Add(new FakeAwsUser(
            $"arn:aws:sts::{FakeAws.Account}:assumed-role/{roleArn.Split('/')[^1]}/{session}",
            FakeAws.Random("ASIA", 16),
            FakeAws.Random("", 40),
            FakeAws.Random("FwoGZXIvYXdzE", 60)));
        _sessions.Enqueue(user);
        string end = (_timeProvider.GetUtcNow() + Lifetime).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return FakeAwsAnswer.Xml($"""
            <{action}Response xmlns="{Xmlns}"><{action}Result>
              <AssumedRoleUser><Arn>{user.Arn}</Arn><AssumedRoleId>AROA3XFRBF23EXAMPLE:{session}</AssumedRoleId></AssumedRoleUser>
              <Credentials><AccessKeyId>{user.AccessKeyId}</AccessKeyId><SecretAccessKey>{user.SecretAccessKey}</SecretAccessKey><SessionToken>{user.SessionToken}</SessionToken><Expiration>{end}</Expiration></Credentials>
            </{action}Result><ResponseMetadata><RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId></ResponseMetadata></{action}Response>
            """);
    }

    private static FakeAwsAnswer Error(string code, string message, int status)
        => FakeAwsAnswer.Xml($"<ErrorResponse xmlns=\"{Xmlns}\"><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>1</RequestId></ErrorResponse>", status);

    private sealed record FakeRole(string? ExternalId, string? WebIdentityToken);
}

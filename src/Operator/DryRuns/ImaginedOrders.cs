using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using CertOperator.Acme;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Runs;

namespace CertOperator.Operator.DryRuns;

/// <summary>Orders that no CA has, so that answers can be put in place without one.</summary>
public static class ImaginedOrders
{
    private const string Scheme = "dry-run:";

    /// <summary>Challenges such as the CA would give out; every replica answers those of http-01 from the run's status.</summary>
    public static RunOrder Make(RunContext context)
    {
        var type = context.Resolved.Challenge == ChallengeKind.Dns01 ? AcmeChallenge.Dns01 : AcmeChallenge.Http01;
        return new RunOrder
        {
            Challenges = [.. context.Resolved.Names.Select((name, i) =>
            {
                var token = "dry-run-" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
                return new RunChallenge
                {
                    Hostname = name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name,
                    Type = type,
                    AuthorizationUrl = $"{Scheme}{i}",
                    Url = $"{Scheme}{i}",
                    Token = token,
                    KeyAuthorization = $"{token}.{Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(token)))}",
                };
            })],
        };
    }

    public static bool Is(RunOrder? order)
        => order is { Url: null, Challenges: { Count: > 0 } challenges } && challenges[0].AuthorizationUrl.StartsWith(Scheme, StringComparison.Ordinal);
}

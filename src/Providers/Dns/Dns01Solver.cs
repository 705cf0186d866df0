using CertOperator.Acme;
using CertOperator.Crds.Runs;
using CertOperator.Providers.Challenges;
using CertOperator.Providers.Dns.Protocol;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Dns;

/// <summary>Solves dns-01 (RFC 8555, section 8.4) by a TXT record, and what other providers ask for by a CNAME record, wherever records are written.</summary>
public sealed class Dns01Solver(ITxtRecords records, DnsLookup lookup, PropagationCheck propagation, Dns01Options options) : IChallengeSolver
{
    private const string Label = "_acme-challenge";

    public TimeSpan Patience => options.Patience;

    public Task<PresentedAnswer?> LocateAsync(RunChallenge challenge, CancellationToken cancellationToken)
        => CallAsync<PresentedAnswer?>(async () =>
        {
            if (ProvidersRecords.Is(challenge.Type))
            {
                RequireCnames();
                return new PresentedAnswer { Solver = options.Name, Kind = ProvidersRecords.Cname, Name = DnsName.Parse(challenge.Token).ToString(), Value = DnsName.Parse(challenge.KeyAuthorization).ToString() };
            }

            var name = DnsName.Parse(challenge.Hostname).Prepend(Label);
            var written = options.FollowCname ? await lookup.FollowAsync(name, cancellationToken) : name;
            return new PresentedAnswer
            {
                Solver = options.Name,
                Name = written.ToString(),
                Value = KeyAuthorization.Dns01Value(challenge.KeyAuthorization),
            };
        });

    public Task<string?> PresentAsync(RunChallenge challenge, CancellationToken cancellationToken)
        => CallAsync(() => IsCname(challenge.Presented!) ? RequireCnames().SetAsync(CnameOf(challenge.Presented!), cancellationToken) : records.AddAsync(RecordOf(challenge.Presented!), cancellationToken));

    public Task<ChallengeObstacle?> FindObstacleAsync(RunChallenge challenge, string? receipt, CancellationToken cancellationToken)
        => CallAsync(async () =>
        {
            var obstacle = receipt is not null && !await records.IsAppliedAsync(receipt, cancellationToken)
                ? $"The DNS provider of solver {options.Name} has not put the change into effect yet."
                : IsCname(challenge.Presented!) ? await propagation.FindLaggardAsync(CnameOf(challenge.Presented!), cancellationToken)
                : await propagation.FindLaggardAsync(RecordOf(challenge.Presented!), cancellationToken);
            return obstacle is null ? null : new ChallengeObstacle(ChallengeReasons.NotPropagated, obstacle);
        });

    public Task RemoveAsync(PresentedAnswer answer, CancellationToken cancellationToken)
        => CallAsync(async () =>
        {
            if (!IsCname(answer))
            {
                await records.RemoveAsync(RecordOf(answer), cancellationToken);
            }

            return true;
        });

    private static bool IsCname(PresentedAnswer answer) => answer.Kind == ProvidersRecords.Cname;

    private static CnameRecord CnameOf(PresentedAnswer answer) => new(DnsName.Parse(answer.Name), DnsName.Parse(answer.Value ?? ""));

    private ICnameRecords RequireCnames()
        => records as ICnameRecords ?? throw new IssuanceException(
            IssuanceFailure.Failed,
            ChallengeReasons.RecordKindNotSupported,
            $"The provider asks for a CNAME record, and the service that solver {options.Name} writes to takes TXT records only. Choose a solver with rfc2136, cloudflare, route53, googleCloudDns or azureDns for these names.");

    private static TxtRecord RecordOf(PresentedAnswer answer) => new(DnsName.Parse(answer.Name), answer.Value ?? "");

    private static async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (DnsException e)
        {
            throw new IssuanceException(IssuanceFailure.Transient, ChallengeReasons.DnsLookupFailed, e.Message, inner: e);
        }
        catch (DnsFormatException e)
        {
            throw new IssuanceException(IssuanceFailure.Failed, ChallengeReasons.DnsLookupFailed, $"The name of the challenge cannot be a DNS name: {e.Message}.", inner: e);
        }
        catch (EgressDeniedException e)
        {
            throw new IssuanceException(IssuanceFailure.Failed, IssuanceReasons.EgressDenied, e.Message, inner: e);
        }
    }
}

/// <summary>How a solver of dns-01 works, beyond where records are written.</summary>
/// <param name="Name">The solver's name in Settings.</param>
/// <param name="FollowCname">Whether a CNAME record at _acme-challenge leads to the name that is written.</param>
/// <param name="Patience">How long authoritative servers may take to serve a record.</param>
public sealed record Dns01Options(string Name, bool FollowCname, TimeSpan Patience);

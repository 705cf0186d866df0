using CertOperator.Acme;
using CertOperator.Crds.Runs;
using CertOperator.Providers.Challenges;
using CertOperator.Providers.Dns.Protocol;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Dns;

/// <summary>Solves dns-01 (RFC 8555, section 8.4) by a TXT record, wherever records are written.</summary>
public sealed class Dns01Solver(ITxtRecords records, DnsLookup lookup, PropagationCheck propagation, Dns01Options options) : IChallengeSolver
{
    private const string Label = "_acme-challenge";

    public TimeSpan Patience => options.Patience;

    public Task<PresentedAnswer?> LocateAsync(RunChallenge challenge, CancellationToken cancellationToken)
        => CallAsync<PresentedAnswer?>(async () =>
        {
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
        => CallAsync(() => records.AddAsync(RecordOf(challenge.Presented!), cancellationToken));

    public Task<ChallengeObstacle?> FindObstacleAsync(RunChallenge challenge, string? receipt, CancellationToken cancellationToken)
        => CallAsync(async () =>
        {
            var obstacle = receipt is not null && !await records.IsAppliedAsync(receipt, cancellationToken)
                ? $"The DNS provider of solver {options.Name} has not put the change into effect yet."
                : await propagation.FindLaggardAsync(RecordOf(challenge.Presented!), cancellationToken);
            return obstacle is null ? null : new ChallengeObstacle(ChallengeReasons.NotPropagated, obstacle);
        });

    public Task RemoveAsync(PresentedAnswer answer, CancellationToken cancellationToken)
        => CallAsync(async () =>
        {
            await records.RemoveAsync(RecordOf(answer), cancellationToken);
            return true;
        });

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

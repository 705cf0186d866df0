using System.Net;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Runs;
using CertOperator.Providers.Dns;
using CertOperator.Providers.Dns.Protocol;
using CertOperator.Providers.Issuance;

namespace CertOperator.Operator.DryRuns;

/// <summary>What the DNS says of each name: where the CA would look for it, and whether it may issue for it.</summary>
public sealed class NameChecks(DnsLookup lookup)
{
    private const StepName Step = StepName.Preflight;
    private const int AtOnce = 8;

    public async Task<IReadOnlyList<RunCheck>> MakeAsync(RunContext context, AuthorityDescription? authority, CancellationToken cancellationToken)
    {
        if (context.Resolved.Challenge == ChallengeKind.None)
        {
            // An issuer that asks for no proof looks nowhere, and CAA records bind public CAs.
            return [];
        }

        using var places = new SemaphoreSlim(AtOnce);
        var rows = await Task.WhenAll(context.Resolved.Names.Where(n => !IPAddress.TryParse(n, out _)).Select(async name =>
        {
            await places.WaitAsync(cancellationToken);
            try
            {
                return await MakeAsync(name, context.Resolved.Challenge, authority, cancellationToken);
            }
            finally
            {
                places.Release();
            }
        }));
        return [.. rows.SelectMany(r => r)];
    }

    private async Task<IReadOnlyList<RunCheck>> MakeAsync(string name, ChallengeKind challenge, AuthorityDescription? authority, CancellationToken cancellationToken)
    {
        var wildcard = name.StartsWith("*.", StringComparison.Ordinal);
        var host = wildcard ? name[2..] : name;
        var rows = new List<RunCheck>();
        if (!wildcard)
        {
            rows.Add(await Checks.MakeAsync(Step, CheckNames.DnsAddress, name, () => AddressAsync(host, challenge, cancellationToken)));
        }

        rows.Add(await Checks.MakeAsync(Step, CheckNames.Caa, name, () => CaaAsync(host, wildcard, challenge, authority, cancellationToken)));
        return rows;
    }

    private async Task<CheckOutcome> AddressAsync(string host, ChallengeKind challenge, CancellationToken cancellationToken)
    {
        var name = DnsName.Parse(host);
        HostAddresses found;
        try
        {
            found = await lookup.LocateAsync(name, cancellationToken);
        }
        catch (DnsException e) when (challenge == ChallengeKind.Dns01)
        {
            return CheckOutcome.Warning($"{e.Message} dns-01 does not need the address of the host.");
        }

        var alias = found.Target.Equals(name) ? "" : $"It is an alias of {found.Target}. ";
        return found.Addresses.Count > 0 ? CheckOutcome.Passed($"{alias}Addresses: {string.Join(", ", found.Addresses)}.")
            : challenge == ChallengeKind.Dns01 ? CheckOutcome.Warning($"{alias}It has no A or AAAA record. dns-01 does not need one, but nobody reaches the host.")
            : CheckOutcome.Failed($"{alias}It has no A or AAAA record, so the CA cannot ask it for the challenge. Add one that leads to the operator's http-01 listener.");
    }

    private async Task<CheckOutcome> CaaAsync(string host, bool wildcard, ChallengeKind challenge, AuthorityDescription? authority, CancellationToken cancellationToken)
    {
        var caa = await lookup.FindCaaAsync(DnsName.Parse(host), cancellationToken);
        if (caa.At is null)
        {
            return CheckOutcome.Passed("There is no CAA record: every CA may issue.");
        }

        var records = string.Join(", ", caa.Records.Select(r => $"{r.Tag} \"{r.Value}\""));
        if (authority is not { CaaIdentities: { Count: > 0 } identities })
        {
            return CheckOutcome.Skipped($"{caa.At} has CAA records ({records}), and the CA does not say which name it goes by in them.");
        }

        return CaaRules.FindObstacle(caa.Records, identities, wildcard, challenge == ChallengeKind.Dns01 ? "dns-01" : "http-01", account: null) is { } obstacle
            ? CheckOutcome.Failed($"The CAA records at {caa.At} forbid it: {obstacle}. Add the record: {caa.At} CAA 0 {(wildcard ? "issuewild" : "issue")} \"{identities[0]}\".")
            : CheckOutcome.Passed($"The CAA records at {caa.At} ({records}) let {string.Join(", ", identities)} issue.");
    }
}

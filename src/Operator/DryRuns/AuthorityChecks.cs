using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Issuers;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Operator.Runs;
using CertOperator.Operator.Secrets;
using CertOperator.Operator.Telemetry;
using CertOperator.Providers.Acme;
using CertOperator.Providers.Issuance;

namespace CertOperator.Operator.DryRuns;

/// <summary>Whether the CA would take an order from the policy's account. It is asked: what earlier runs remember of it proves nothing.</summary>
public sealed class AuthorityChecks(AcmeCertificateProvider acme, AcmeCredentials accounts, ProviderRegistry providers, PolicyCredentials credentials, OrderRegister orders, ResourceStores stores)
{
    private const StepName Step = StepName.Preflight;

    /// <returns>The rows, and what the CA says of itself; null where it could not be asked.</returns>
    public async Task<(IReadOnlyList<RunCheck> Rows, AuthorityDescription? Authority)> MakeAsync(RunContext context, CancellationToken cancellationToken)
    {
        var secrets = await Checks.MakeAsync(Step, CheckNames.Credentials, null, async () => await credentials.FindProblemAsync(context.Namespace, context.Resolved, deploys: true, cancellationToken) is { } problem
            ? CheckOutcome.Failed(problem.Message)
            : CheckOutcome.Passed("Every Secret that the policy and its solvers name is there and holds what it must."));
        if (context.Resolved.Issuer is not ResolvedAcmeIssuer issuer)
        {
            return ([.. await AskAsync(context, context.Resolved.Issuer, cancellationToken), secrets, .. await FurtherAsync(context, cancellationToken)], null);
        }

        var (server, description) = await ServerAsync(issuer, issuer.Server.Host, cancellationToken);
        var account = await Checks.MakeAsync(Step, CheckNames.Account, issuer.Server.Host, () => AccountAsync(context, issuer, description, register: true, cancellationToken));
        return ([server, secrets, account, .. await FurtherAsync(context, cancellationToken)], description);
    }

    /// <summary>Providers that are asked only when the first one fails again and again, so a live run fails by none of what is amiss there.</summary>
    private async Task<IReadOnlyList<RunCheck>> FurtherAsync(RunContext context, CancellationToken cancellationToken)
    {
        var spec = context.Policy.Spec;
        var rows = new List<RunCheck>();
        foreach (var kind in ProviderChoice.CandidatesOf(spec).Where(c => c != context.Resolved.Provider))
        {
            var resolved = IssuerResolver.Resolve(context.Policy, kind, stores.SettingsOf(context.Namespace), _ => { });
            if (resolved is not ResolvedAcmeIssuer issuer)
            {
                rows.AddRange(resolved is null ? [] : (await AskAsync(context, resolved, cancellationToken)).Select(Mild));
                continue;
            }

            var subject = $"{issuer.Server.Host} (provider {LabelNames<CertificateProviderKind>.Of(kind)})";
            var (server, description) = await ServerAsync(issuer, subject, cancellationToken);
            rows.Add(Mild(server));
            rows.Add(Mild(await Checks.MakeAsync(Step, CheckNames.Account, subject, () => AccountAsync(context, issuer, description, register: false, cancellationToken))));
        }

        return rows;
    }

    /// <summary>What a provider that is no ACME server says to the run's request before it is made.</summary>
    private Task<IReadOnlyList<RunCheck>> AskAsync(RunContext context, ResolvedIssuer issuer, CancellationToken cancellationToken)
        => Checks.AskAsync(
            Step,
            CheckNames.Authority,
            issuer.Server.Host,
            async () =>
            {
                var asked = await providers.CredentialsOf(issuer).ResolveAsync(context.Namespace, issuer, cancellationToken);
                var provider = providers.ProviderOf(issuer.Provider);
                var request = context.RequestTo(asked, ProviderRules.ChallengeFor(issuer.Provider, context.Policy.Spec.Challenge)) with
                {
                    InUseOrder = provider.Traits.MakesKey ? orders.FindOf(context.Run, context.Policy.Status?.Fingerprint) : null,
                };
                return await provider.CheckAsync(request, cancellationToken);
            },
            (answer, outcome) => Checks.Row(Step, answer.Check, answer.Subject, outcome));

    private static RunCheck Mild(RunCheck row)
        => row.Result == CheckResult.Failed ? Checks.Row(row.Step, row.Check, row.Subject, CheckOutcome.Warning($"{row.Evidence} A live run asks this provider only after another has failed {ProviderChoice.FailuresEach} times.")) : row;

    private async Task<(RunCheck Row, AuthorityDescription? Description)> ServerAsync(ResolvedAcmeIssuer issuer, string subject, CancellationToken cancellationToken)
    {
        AuthorityDescription? description = null;
        var row = await Checks.MakeAsync(Step, CheckNames.Authority, subject, async () =>
        {
            description = await acme.DescribeAsync(issuer.Server, issuer.CaBundle, cancellationToken);
            return description.FindProfileProblem(issuer.Server, issuer.Profile, issuer.Field) is { } problem
                ? CheckOutcome.Failed(problem)
                : CheckOutcome.Passed($"{issuer.Server} answers as an ACME server{(issuer.Profile is null ? "" : $" and offers profile {issuer.Profile}")}.");
        });
        return (row, description);
    }

    /// <summary>A dry run registers no account that a live run would not use, and leaves none unused: many CAs take the key of an external account only once.</summary>
    private async Task<CheckOutcome> AccountAsync(RunContext context, ResolvedAcmeIssuer issuer, AuthorityDescription? authority, bool register, CancellationToken cancellationToken)
    {
        var host = issuer.Server.Host;
        if (!await accounts.HasAccountAsync(context.Namespace, issuer, cancellationToken))
        {
            return (issuer.ExternalAccount, authority) switch
            {
                (not null, _) when register => await RegisterAsync(context, issuer, "It", made: true, cancellationToken),
                (not null, _) => CheckOutcome.Skipped($"There is no account yet. A live run that asks {host} registers one with the key that the CA gave out; this one does not, since many CAs take such a key only once."),
                (null, null) => CheckOutcome.Skipped("There is no account yet, and the server could not be asked whether it registers one."),
                (null, { ExternalAccountRequired: true }) => CheckOutcome.Failed($"{host} registers only accounts that it gave a key to before. Set {issuer.Field}.externalAccountBinding."),
                _ => CheckOutcome.Passed($"There is no account yet. A live run registers one, which {host} lets anyone do, and keeps its key in Secret {issuer.AccountSecretName}."),
            };
        }

        if (await acme.FindAccountAsync(await accounts.ResolveAsync(context.Namespace, issuer, cancellationToken), cancellationToken) is { } found)
        {
            return CheckOutcome.Passed(found);
        }

        var unknown = $"{host} does not know the account whose key is in Secret {issuer.AccountSecretName}";
        return (issuer.ExternalAccount, authority) switch
        {
            (not null, _) when register => await RegisterAsync(context, issuer, $"{unknown} before; it", made: false, cancellationToken),
            (null, { ExternalAccountRequired: true }) => CheckOutcome.Failed($"{unknown}, and registers only accounts that it gave a key to before. Set {issuer.Field}.externalAccountBinding."),
            _ => CheckOutcome.Warning($"{unknown}: it has lost it, or the key is from elsewhere. A live run registers one with that key; what the CA tied to the old account is gone."),
        };
    }

    private async Task<CheckOutcome> RegisterAsync(RunContext context, ResolvedAcmeIssuer issuer, string subject, bool made, CancellationToken cancellationToken)
    {
        var account = await accounts.ResolveAsync(context.Namespace, issuer, cancellationToken);
        try
        {
            var ready = await acme.PrepareAsync(context.RequestTo(account, context.Resolved.Challenge), cancellationToken);
            return CheckOutcome.Passed($"{ready} {subject} was registered just now, and its key is kept in Secret {issuer.AccountSecretName}: many CAs take the key of an external account only once.");
        }
        catch (IssuanceException e) when (made && e.Failure != IssuanceFailure.Transient)
        {
            if (await IsUnknownAsync(account, cancellationToken))
            {
                await accounts.DiscardAccountAsync(context.Namespace, account, issuer.AccountSecretName, cancellationToken);
            }

            throw;
        }
    }

    /// <summary>Only the CA can tell that the refusal came before an account was made, whose key must not be lost.</summary>
    private async Task<bool> IsUnknownAsync(AcmeIssuer account, CancellationToken cancellationToken)
    {
        try
        {
            return await acme.FindAccountAsync(account, cancellationToken) is null;
        }
        catch (IssuanceException)
        {
            return false;
        }
    }
}

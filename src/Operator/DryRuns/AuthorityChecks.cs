using CertOperator.Crds.Runs;
using CertOperator.Operator.Runs;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Issuance;

namespace CertOperator.Operator.DryRuns;

/// <summary>Whether the CA would take an order from the policy's account.</summary>
public sealed class AuthorityChecks(ICertificateProvider provider, IssuerCredentials credentials)
{
    private const StepName Step = StepName.Preflight;

    /// <returns>The rows, and what the CA says of itself; null where it could not be asked.</returns>
    public async Task<(IReadOnlyList<RunCheck> Rows, AuthorityDescription? Authority)> MakeAsync(RunContext context, CancellationToken cancellationToken)
    {
        var issuer = context.Resolved.Issuer;
        AuthorityDescription? description = null;
        var server = await Checks.MakeAsync(Step, CheckNames.Authority, issuer.Server.Host, async () =>
        {
            description = await provider.DescribeAsync(issuer.Server, issuer.CaBundle, cancellationToken);
            return issuer.Profile is { } profile && !description.Profiles.Contains(profile)
                ? CheckOutcome.Failed($"It has no profile {profile}; {(description.Profiles.Count == 0 ? "it offers none" : $"it offers {string.Join(", ", description.Profiles.Order(StringComparer.Ordinal))}")}. Change spec.providerConfig.acme.profile.")
                : CheckOutcome.Passed($"{issuer.Server} answers as an ACME server{(issuer.Profile is null ? "" : $" and offers profile {issuer.Profile}")}.");
        });
        var secrets = await Checks.MakeAsync(Step, CheckNames.Credentials, null, async () => await credentials.FindProblemAsync(context.Namespace, context.Resolved, webhooks: true, cancellationToken) is { } problem
            ? CheckOutcome.Failed(problem.Message)
            : CheckOutcome.Passed("Every Secret that the policy and its solvers name is there and holds what it must."));
        var account = await Checks.MakeAsync(Step, CheckNames.Account, issuer.Server.Host, () => AccountAsync(context, description, cancellationToken));
        return ([server, secrets, account], description);
    }

    /// <summary>A dry run registers no account that a live run would not use, and leaves none unused: many CAs take the key of an external account only once.</summary>
    private async Task<CheckOutcome> AccountAsync(RunContext context, AuthorityDescription? authority, CancellationToken cancellationToken)
    {
        var issuer = context.Resolved.Issuer;
        var exists = await credentials.HasAccountAsync(context.Namespace, issuer, cancellationToken);
        if (!exists && issuer.ExternalAccount is null)
        {
            return authority switch
            {
                null => CheckOutcome.Skipped("There is no account yet, and the server could not be asked whether it registers one."),
                { ExternalAccountRequired: true } => CheckOutcome.Failed($"{issuer.Server.Host} registers only accounts that it gave a key to before. Set spec.providerConfig.acme.externalAccountBinding."),
                _ => CheckOutcome.Passed($"There is no account yet. A live run registers one, which {issuer.Server.Host} lets anyone do, and keeps its key in Secret {issuer.AccountSecretName}."),
            };
        }

        var request = new IssuanceRequest
        {
            Issuer = await credentials.ResolveAsync(context.Namespace, issuer, cancellationToken),
            Names = context.Resolved.Names,
            Challenge = context.Resolved.Challenge,
        };
        var ready = await provider.PrepareAsync(request, cancellationToken);
        return CheckOutcome.Passed(exists ? ready : $"{ready} It was registered just now, and its key is kept in Secret {issuer.AccountSecretName}: many CAs take the key of an external account only once.");
    }
}

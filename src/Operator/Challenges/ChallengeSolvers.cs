using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Operator.Challenges.Http01;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Challenges;
using CertOperator.Providers.Dns;
using CertOperator.Providers.Issuance;

namespace CertOperator.Operator.Challenges;

/// <summary>Solvers by their name in the settings of a namespace.</summary>
public sealed class ChallengeSolvers(ResourceStores stores, SolverCredentials credentials, Dns01Solvers dns01, Http01Solvers http01)
{
    /// <exception cref="IssuanceException">The settings have no such solver any more.</exception>
    /// <exception cref="CredentialException">Its Secret is missing or does not hold what it must.</exception>
    public async Task<IChallengeSolver> GetAsync(ChallengeOwner owner, string name, ChallengeWork work, CancellationToken cancellationToken)
    {
        var @namespace = owner.Namespace;
        var settings = stores.SettingsOf(@namespace);
        var version = settings?.Metadata.ResourceVersion;
        if (work.Solver(name, version) is { } known)
        {
            return known;
        }

        var spec = settings?.Spec.Solvers?.FirstOrDefault(s => s.Name == name)
            ?? throw new IssuanceException(
                IssuanceFailure.Failed,
                ChallengeReasons.SolverMissing,
                $"CertificateRenewalSettings default of namespace {@namespace} has no solver {name} any more.");
        var solver = await CreateAsync(owner, spec, cancellationToken);
        work.Keep(name, version, solver);
        return solver;
    }

    /// <summary>Takes an answer away. What stands in the cluster is found without the solver's settings, which may be gone by now.</summary>
    /// <exception cref="IssuanceException">It was refused, or the settings have no such solver any more.</exception>
    /// <exception cref="CredentialException">The solver's Secret is missing or does not hold what it must.</exception>
    public async Task RemoveAsync(ChallengeOwner owner, PresentedAnswer answer, ChallengeWork work, CancellationToken cancellationToken)
    {
        if (answer.Kind is not null)
        {
            await http01.Removal.RemoveAsync(owner, answer, cancellationToken);
            return;
        }

        var solver = await GetAsync(owner, answer.Solver, work, cancellationToken);
        await solver.RemoveAsync(answer, cancellationToken);
    }

    private async Task<IChallengeSolver> CreateAsync(ChallengeOwner owner, SolverSpec spec, CancellationToken cancellationToken)
        => spec.Http01 is null
            ? await dns01.CreateAsync(await credentials.ResolveAsync(owner.Namespace, spec, cancellationToken), cancellationToken)
            : http01.Create(owner, spec);
}

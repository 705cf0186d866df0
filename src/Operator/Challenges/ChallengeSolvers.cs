using CertOperator.Crds.Settings;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Challenges;
using CertOperator.Providers.Dns;
using CertOperator.Providers.Issuance;

namespace CertOperator.Operator.Challenges;

/// <summary>Solvers by their name in the settings of a namespace.</summary>
public sealed class ChallengeSolvers(ResourceStores stores, SolverCredentials credentials, Dns01Solvers dns01)
{
    /// <exception cref="IssuanceException">The settings have no such solver any more.</exception>
    /// <exception cref="CredentialException">Its Secret is missing or does not hold what it must.</exception>
    public async Task<IChallengeSolver> GetAsync(string @namespace, string name, ChallengeWork work, CancellationToken cancellationToken)
    {
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
        var solver = await CreateAsync(@namespace, spec, cancellationToken);
        work.Keep(name, version, solver);
        return solver;
    }

    private async Task<IChallengeSolver> CreateAsync(string @namespace, SolverSpec spec, CancellationToken cancellationToken)
        => await dns01.CreateAsync(await credentials.ResolveAsync(@namespace, spec, cancellationToken), cancellationToken);
}

using System.Text.Json.Nodes;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Providers.Challenges;
using CertOperator.Providers.Issuance;

namespace CertOperator.Operator.Challenges.Http01;

/// <summary>
/// A web server serves the answer from a ConfigMap. The ConfigMap is the user's: one that the operator made would be mounted nowhere,
/// so a missing one is an error. Each answer is written and taken away as one key by itself, whatever others do to it meanwhile.
/// </summary>
public sealed class WebrootPlace(ChallengeObjects objects, string @namespace, Http01WebrootSpec spec) : IAnswerPlace
{
    private const int MaxKeyLength = 253;

    public PresentedAnswer? Locate(RunChallenge challenge)
        => challenge.Token.Length <= MaxKeyLength
            ? new PresentedAnswer { Kind = AnswerKinds.ConfigMap, Name = spec.ConfigMapName, Value = challenge.Token }
            : throw new IssuanceException(IssuanceFailure.Failed, ChallengeReasons.ObjectRefused, $"The CA's token has {challenge.Token.Length} characters, and a key of a ConfigMap has at most {MaxKeyLength}. Choose another solver for this CA.");

    public async Task PutAsync(RunChallenge challenge, CancellationToken cancellationToken)
    {
        var name = new NamespacedName(@namespace, challenge.Presented!.Name);
        if (await objects.FindAsync(CoreResources.ConfigMaps, name, cancellationToken) is null)
        {
            throw new IssuanceException(IssuanceFailure.Failed, ChallengeReasons.WebrootMissing, Missing(name));
        }

        await objects.PatchAsync(CoreResources.ConfigMaps, name, KeyPatch(challenge.Token, challenge.KeyAuthorization), cancellationToken);
    }

    public Task<string?> TendAsync(RunChallenge challenge, CancellationToken cancellationToken)
        => Task.FromResult<string?>($"The answer is in ConfigMap {challenge.Presented!.Name}; it takes a minute or two until pods that mount it see it, and a mount with subPath never does.");

    public static string Missing(NamespacedName name)
        => $"ConfigMap {name.Name} does not exist in namespace {name.Namespace}. Create it, empty, and mount it where the web server serves /.well-known/acme-challenge/ from.";

    /// <summary>Writes one key, or removes it, and leaves all others alone. The same again changes nothing.</summary>
    public static Patch KeyPatch(string key, string? value) => Patch.Merge(new JsonObject { ["data"] = new JsonObject { [key] = value } });
}

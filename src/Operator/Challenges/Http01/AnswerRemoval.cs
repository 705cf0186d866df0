using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Providers.Issuance;

namespace CertOperator.Operator.Challenges.Http01;

/// <summary>Takes away what was made for http-01, by the run's status alone: the solver may have been changed or removed meanwhile.</summary>
public sealed class AnswerRemoval(ChallengeObjects objects, OperatorRoute route)
{
    /// <summary>What is gone already is fine, and what is not the run's is left alone.</summary>
    /// <exception cref="IssuanceException">The API server refuses it.</exception>
    public async Task RemoveAsync(ChallengeOwner owner, PresentedAnswer answer, CancellationToken cancellationToken)
    {
        switch (answer.Kind)
        {
            case AnswerKinds.Ingress:
                await objects.DeleteAsync(NetworkResources.Ingresses, owner, answer.Name, cancellationToken);
                await route.RemoveAsync(owner, answer.Name, cancellationToken);
                break;

            case AnswerKinds.Route:
                await objects.DeleteAsync(NetworkResources.HttpRoutes, owner, answer.Name, cancellationToken);
                await route.RemoveAsync(owner, answer.Name, cancellationToken);
                break;

            case AnswerKinds.ConfigMap:
                await RemoveKeyAsync(new NamespacedName(owner.Namespace, answer.Name), answer.Value ?? "", cancellationToken);
                break;

            default:
                throw new InvalidOperationException($"Nothing of kind {answer.Kind} is made for http-01.");
        }
    }

    /// <summary>A key authorization starts with its token (RFC 8555, section 8.1); whatever else is under that key is not the operator's.</summary>
    private async Task RemoveKeyAsync(NamespacedName name, string key, CancellationToken cancellationToken)
    {
        var found = await objects.FindAsync(CoreResources.ConfigMaps, name, cancellationToken);
        if (found?.Data?.GetValueOrDefault(key)?.StartsWith(key + ".", StringComparison.Ordinal) == true)
        {
            await objects.PatchAsync(CoreResources.ConfigMaps, name, WebrootPlace.KeyPatch(key, null), cancellationToken);
        }
    }
}

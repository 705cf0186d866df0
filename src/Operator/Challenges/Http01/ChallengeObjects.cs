using CertOperator.Crds;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Challenges;
using CertOperator.Providers.Issuance;

namespace CertOperator.Operator.Challenges.Http01;

/// <summary>Makes and deletes what challenges need in the cluster for the time being, and says for people why the API server refuses it.</summary>
public sealed class ChallengeObjects(IKubernetesClient client)
{
    /// <exception cref="IssuanceException">It is refused, or the kind is not installed.</exception>
    public Task<T> ApplyAsync<T>(ResourceDefinition<T> definition, T obj, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
        => CallAsync(definition, "get, create, patch and delete", () => client.Resource(definition).ApplyAsync(obj, CertOperatorApi.FieldManager, force: true, cancellationToken));

    /// <summary>Null where there is none.</summary>
    /// <exception cref="IssuanceException">It is refused, or the kind is not installed.</exception>
    public Task<T?> FindAsync<T>(ResourceDefinition<T> definition, NamespacedName name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
        => CallAsync(definition, "get", () => client.Resource(definition).FindAsync(name, cancellationToken));

    /// <exception cref="IssuanceException">It is refused, or the kind is not installed.</exception>
    public Task<T> PatchAsync<T>(ResourceDefinition<T> definition, NamespacedName name, Patch patch, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
        => CallAsync(definition, "get and patch", () => client.Resource(definition).PatchAsync(name, patch, null, cancellationToken));

    /// <summary>Deletes an object of the run; what is gone already, or is somebody else's, is left alone.</summary>
    /// <exception cref="IssuanceException">It is refused.</exception>
    public Task DeleteAsync<T>(ResourceDefinition<T> definition, ChallengeOwner owner, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
        => CallAsync(definition, "get and delete", async () =>
        {
            try
            {
                if (await client.Resource(definition).FindAsync(new NamespacedName(owner.Namespace, name), cancellationToken) is { } found && owner.Owns(found))
                {
                    await Deletion.TryDeleteAsync(client.Resource(definition), found, cancellationToken);
                }
            }
            catch (NotFoundException)
            {
                // The kind itself was removed from the cluster, and every object with it.
            }

            return true;
        });

    /// <summary>Turns what a person has to mend into words. An API server that is away or overloaded is none of it: there the whole run waits.</summary>
    public static async Task<TResult> CallAsync<T, TResult>(ResourceDefinition<T> definition, string verbs, Func<Task<TResult>> call)
        where T : class, IKubernetesObject
    {
        try
        {
            return await call();
        }
        catch (NotFoundException e) when (e.IsUnknownKind)
        {
            throw new IssuanceException(
                IssuanceFailure.Failed,
                ChallengeReasons.KindNotInstalled,
                $"The API server knows no {definition.Kind} of {definition.ApiVersion}. Install it{(definition.Group == NetworkResources.HttpRoutes.Group ? " with the Gateway API, version 1.0 or later," : "")} or choose another solver.",
                inner: e);
        }
        catch (ForbiddenException e)
        {
            throw Refused(
                IssuanceFailure.Transient,
                e,
                $"Grant the operator {verbs} on {definition.Plural}{(definition.Group.Length > 0 ? $" of {definition.Group}" : "")} there, or lift the quota or the admission rule that stands in the way.");
        }
        catch (KubernetesException e) when ((int?)e.StatusCode is 400 or 413 or 422)
        {
            throw Refused(IssuanceFailure.Failed, e, "Change the solver in CertificateRenewalSettings default, or lift the admission rule that stands in the way.");
        }
        catch (KubernetesException e) when ((int?)e.StatusCode is 404 or 409)
        {
            throw Refused(IssuanceFailure.Transient, e, "Somebody else changes it at the same time, or deletes its namespace.");
        }
        catch (KubernetesException e) when ((int?)e.StatusCode is 500)
        {
            throw Refused(IssuanceFailure.Transient, e, "Where the message names an admission webhook, mend that webhook.");
        }
    }

    private static IssuanceException Refused(IssuanceFailure failure, KubernetesException e, string advice)
        => new(failure, ChallengeReasons.ObjectRefused, $"{Sentences.Of($"The API server refused a request of the operator: {e.Message}")} {advice}", inner: e);
}

using CertOperator.Kubernetes;

namespace CertOperator.Operator.Secrets;

/// <summary>Deletes exactly the object that was read, if it is still there.</summary>
public static class Deletion
{
    public static async Task TryDeleteAsync<T>(IResourceClient<T> client, T obj, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        try
        {
            await client.DeleteAsync(
                NamespacedName.Of(obj),
                new DeleteOptions { Preconditions = new DeletePreconditions { Uid = obj.Metadata.Uid }, PropagationPolicy = "Background" },
                cancellationToken);
        }
        catch (NotFoundException)
        {
            // Somebody else, such as the garbage collector, was faster.
        }
        catch (ConflictException)
        {
            // An object of the same name that is not the one that was read: not ours to delete.
        }
    }
}

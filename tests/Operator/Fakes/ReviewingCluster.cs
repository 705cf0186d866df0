using System.Collections.Concurrent;
using System.Text.Json;
using CertOperator.Kubernetes;

namespace CertOperator.Operator.Tests.Fakes;

/// <summary>An API server that knows tokens and rights, and notes every question as it stands in the request.</summary>
internal sealed class ReviewingCluster : IKubernetesClient
{
    /// <summary>Users by token.</summary>
    public Dictionary<string, string> Tokens { get; } = [];

    /// <summary>Who may get /metrics.</summary>
    public HashSet<string> Scrapers { get; } = [];

    public ConcurrentQueue<string> Questions { get; } = new();

    /// <summary>Called before a question is answered, such as to refuse it.</summary>
    public Func<CancellationToken, Task> Before { get; set; } = _ => Task.CompletedTask;

    public IResourceClient<T> Resource<T>(ResourceDefinition<T> definition)
        where T : class, IKubernetesObject
        => new Reviews<T>(this, definition);

    public Task<string> GetRawAsync(string path, CancellationToken cancellationToken) => throw new NotSupportedException();

    private void Answer(IKubernetesObject question)
    {
        switch (question)
        {
            case TokenReview review:
                var user = Tokens.GetValueOrDefault(review.Spec.Token ?? "");
                review.Status = user is null
                    ? new TokenReviewStatus { Error = "invalid bearer token", User = new UserInfo() }
                    : new TokenReviewStatus { Authenticated = true, User = new UserInfo { Username = user, Uid = "1", Groups = ["system:authenticated"], Extra = new Dictionary<string, IReadOnlyList<string>> { ["pod"] = ["p"] } } };
                break;
            case SubjectAccessReview review:
                review.Status = new AccessReviewStatus { Allowed = Scrapers.Contains(review.Spec.User ?? "") };
                break;
            default:
                throw new NotSupportedException(question.Kind);
        }
    }

    private sealed class Reviews<T>(ReviewingCluster cluster, ResourceDefinition<T> definition) : IResourceClient<T>
        where T : class, IKubernetesObject
    {
        public ResourceDefinition<T> Definition => definition;

        public async Task<T> CreateAsync(T obj, CancellationToken cancellationToken)
        {
            cluster.Questions.Enqueue(JsonSerializer.Serialize(obj, definition.TypeInfo));
            await cluster.Before(cancellationToken);
            cluster.Answer(obj);
            return obj;
        }

        public Task<T> GetAsync(NamespacedName name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<T?> FindAsync(NamespacedName name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<KubernetesList<T>> ListPageAsync(ListOptions options, CancellationToken cancellationToken) => throw new NotSupportedException();

        public IAsyncEnumerable<T> ListAsync(ListOptions options, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<T> UpdateAsync(T obj, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<T> UpdateStatusAsync(T obj, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<T> ApplyAsync(T obj, string fieldManager, bool force, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<T> PatchAsync(NamespacedName name, Patch patch, string? subresource, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task DeleteAsync(NamespacedName name, DeleteOptions? options, CancellationToken cancellationToken) => throw new NotSupportedException();

        public IAsyncEnumerable<WatchEvent<T>> WatchAsync(WatchOptions options, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}

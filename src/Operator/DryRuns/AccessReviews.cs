using CertOperator.Kubernetes;

namespace CertOperator.Operator.DryRuns;

/// <summary>Asks the API server what the operator may do.</summary>
public sealed class AccessReviews(IKubernetesClient client)
{
    private readonly IResourceClient<SelfSubjectAccessReview> _reviews = client.Resource(AuthorizationResources.SelfSubjectAccessReviews);

    /// <returns>The verbs that are missing.</returns>
    public async Task<IReadOnlyList<string>> MissingAsync(string @namespace, string group, string resource, string name, IReadOnlyList<string> verbs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(verbs);
        var answers = await Task.WhenAll(verbs.Select(async verb => (verb, Review: await _reviews.CreateAsync(
            new SelfSubjectAccessReview
            {
                Spec = new AccessReviewSpec { ResourceAttributes = new ResourceAttributes { Namespace = @namespace, Verb = verb, Group = group, Resource = resource, Name = name } },
            },
            cancellationToken))));
        return [.. answers.Where(a => a.Review.Status?.Allowed != true).Select(a => a.verb)];
    }
}

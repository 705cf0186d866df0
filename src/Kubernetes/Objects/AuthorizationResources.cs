namespace CertOperator.Kubernetes;

/// <summary>The reviews of authorization.k8s.io/v1, which can only be created.</summary>
public static class AuthorizationResources
{
    public static ResourceDefinition<SelfSubjectAccessReview> SelfSubjectAccessReviews { get; } = new(
        "authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", false,
        KubernetesJsonContext.Default.SelfSubjectAccessReview, KubernetesJsonContext.Default.KubernetesListSelfSubjectAccessReview)
    {
        IsNameless = true,
    };

    public static ResourceDefinition<SubjectAccessReview> SubjectAccessReviews { get; } = new(
        "authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews", false,
        KubernetesJsonContext.Default.SubjectAccessReview, KubernetesJsonContext.Default.KubernetesListSubjectAccessReview)
    {
        IsNameless = true,
    };
}

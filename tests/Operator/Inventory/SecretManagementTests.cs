using CertOperator.Crds;
using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Operator.Inventory;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Inventory;

public sealed class SecretManagementTests
{
    private static readonly PolicyStatus Issued = new() { NotAfter = A.Now.AddDays(60) };

    private static readonly PolicySpec ByPrivateCa = A.Spec with
    {
        SecretName = "other-tls",
        Provider = CertificateProviderKind.PrivateCa,
        ProviderConfig = new ProviderConfig { PrivateCa = new PrivateCaConfig { SecretName = "www-tls" } },
    };

    [TestCaseSource(nameof(Cases))]
    public bool A_Secret_is_managed(CertificateRenewalPolicy? policy, Dictionary<string, string>? annotations)
    {
        var policies = new ObjectStore<CertificateRenewalPolicy>();
        var stores = new ResourceStores(policies, new ObjectStore<CertificateRenewalRun>(), new ObjectStore<CertificateRenewalSettings>(), new ObjectStore<CertificateRenewalBatch>());
        if (policy is not null)
        {
            policies.Observe(policy);
        }

        return SecretManagement.IsManaged(new ObjectMeta { Name = "www-tls", Namespace = "shop", Annotations = annotations }, stores);
    }

    public static IEnumerable<TestCaseData> Cases()
    {
        yield return Case("by a policy that tells of its certificate", A.Policy(status: Issued), null, true);
        yield return Case("by a policy that has just written it", A.Policy(), new() { [WellKnown.SecretPolicyUid] = A.PolicyUid }, true);
        yield return Case("not by a policy that may not write it", A.Policy(status: new PolicyStatus()), null, false);
        yield return Case("not by a policy that writes another", A.Policy(A.Spec with { SecretName = "other" }, Issued), null, false);
        yield return Case("not by a policy that is gone", null, new() { [WellKnown.SecretPolicyUid] = A.PolicyUid, [WellKnown.SecretPolicy] = "www" }, false);
        yield return Case("as a CA that the operator looks after", A.Policy(ByPrivateCa), new() { [WellKnown.PrivateRoot] = "true" }, true);
        yield return Case("not as a CA that somebody else has made", A.Policy(ByPrivateCa), null, false);
        yield return Case("not as a CA that no policy needs any more", null, new() { [WellKnown.PrivateRoot] = "true" }, false);
    }

    private static TestCaseData Case(string what, CertificateRenewalPolicy? policy, Dictionary<string, string>? annotations, bool managed)
        => new TestCaseData(policy, annotations).SetArgDisplayNames(what).Returns(managed);
}

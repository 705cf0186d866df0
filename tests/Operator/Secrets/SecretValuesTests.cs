using CertOperator.Crds;
using CertOperator.Kubernetes;
using CertOperator.Operator.Secrets;
using CertOperator.Operator.Tests.Fakes;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Secrets;

public sealed class SecretValuesTests
{
    private readonly InMemoryCluster _cluster = new();

    [TestCase("Opaque", true)]
    [TestCase(null, true)]
    [TestCase("kubernetes.io/basic-auth", true)]
    [TestCase("kubernetes.io/service-account-token", false)]
    [TestCase("bootstrap.kubernetes.io/token", false)]
    [TestCase(WellKnown.StateSecretType, false)]
    [TestCase(WellKnown.AccountSecretType, false)]
    [TestCase(WellKnown.MasterKeySecretType, false)]
    public async Task What_was_made_for_something_else_goes_to_no_server_that_a_policy_names(string? type, bool allowed)
    {
        var name = $"s{Guid.NewGuid():n}";
        await _cluster.Resource(CoreResources.Secrets).CreateAsync(
            new Secret { Metadata = new ObjectMeta { Name = name, Namespace = "shop" }, Type = type, Data = new() { ["token"] = "value"u8.ToArray() } },
            CancellationToken.None);
        var values = new SecretValues(_cluster);

        if (allowed)
        {
            Assert.That(await values.ReadAsync("shop", name, "token", "spec.field", CancellationToken.None), Is.EqualTo("value"));
        }
        else
        {
            var refusal = await Assert.ThrowsAsync<CredentialException>(() => values.ReadAsync("shop", name, "token", "spec.field", CancellationToken.None));
            Assert.That(refusal!.Message, Does.StartWith($"spec.field: Secret {name} has type {type}").And.Not.Contain("value"));
        }
    }

    [Test]
    public async Task Nothing_is_read_in_another_namespace()
    {
        await _cluster.Resource(CoreResources.Secrets).CreateAsync(
            new Secret { Metadata = new ObjectMeta { Name = "theirs", Namespace = "other" }, Data = new() { ["token"] = "value"u8.ToArray() } },
            CancellationToken.None);
        await Assert.ThrowsAsync<CredentialException>(() => new SecretValues(_cluster).ReadAsync("shop", "theirs", "token", "spec.field", CancellationToken.None));
        Assert.That(_cluster.Requests.Where(r => r.StartsWith("get ", StringComparison.Ordinal)), Has.All.Contains("shop/"));
    }
}

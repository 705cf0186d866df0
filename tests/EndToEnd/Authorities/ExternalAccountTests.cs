using System.Text;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Authorities;

public sealed class ExternalAccountTests : ProxiedPoliciesTest
{
    private const string RightKey = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
    private const string WrongKey = "AWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
    private const string Field = "spec.providerConfig.acme.externalAccountBinding";

    protected override PebbleOptions PebbleSettings => new() { ExternalAccounts = new Dictionary<string, string> { ["kid-1"] = RightKey } };

    [Test]
    public async Task Only_the_right_key_opens_the_CA_and_the_others_are_told_what_to_set()
    {
        await CreateSecretAsync("right", "hmacKey", RightKey);
        await CreateSecretAsync("wrong", "hmacKey", WrongKey);
        await CreateSecretAsync("no-key", "hmacKey", "this is +not+ base64url!");
        await CreateSecretAsync("elsewhere", "secret", RightKey);
        ProxiedPolicy right = await BoundAsync("right", "kid-1", "right");
        ProxiedPolicy otherField = await BoundAsync("other-field", "kid-1", "elsewhere", "secret");
        ProxiedPolicy unbound = await PolicyAsync("unbound");
        ProxiedPolicy wrongKey = await BoundAsync("wrong-key", "kid-1", "wrong");
        ProxiedPolicy unknownId = await BoundAsync("unknown-id", "kid-2", "right");
        ProxiedPolicy notBase64 = await BoundAsync("not-base64", "kid-1", "no-key");
        ProxiedPolicy missingSecret = await BoundAsync("missing-secret", "kid-1", "nowhere");
        ProxiedPolicy missingField = await BoundAsync("missing-field", "kid-1", "elsewhere");
        await Cluster.StartOperatorAsync();

        await CreateAllAsync();

        foreach (ProxiedPolicy good in new[] { right, otherField })
        {
            await Cluster.WaitUntilReadyAsync(good.Name);
            AssertIssuedOnce(good);
        }

        using (Assert.EnterMultipleScope())
        {
            await AssertFailedAsync(unbound, "externalAccountRequired", $"Set {Field}", requests: 1);
            await AssertFailedAsync(wrongKey, "unauthorized", "external account binding", requests: 1);
            await AssertFailedAsync(unknownId, "not known to the ACME server.", "external account binding", requests: 1);
            await AssertStalledAsync(notBase64, $"{Field}.secretName: key hmacKey of Secret no-key cannot be used. The external account binding's MAC key is not base64url");
            await AssertStalledAsync(missingSecret, $"{Field}.secretName: Secret nowhere does not exist");
            await AssertStalledAsync(missingField, $"{Field}.secretName: Secret elsewhere has no key hmacKey");
        }

        await CreateSecretAsync("nowhere", "hmacKey", RightKey);
        await Cluster.WaitUntilReadyAsync(missingSecret.Name);
        AssertIssuedOnce(missingSecret);
    }

    private async Task<ProxiedPolicy> BoundAsync(string name, string keyId, string secret, string? key = null) =>
        (await PolicyAsync(name)).WithAcme(a => a with { ExternalAccountBinding = new ExternalAccountBindingConfig { KeyId = keyId, SecretName = secret, Key = key } });

    private Task CreateSecretAsync(string name, string key, string value) => Cluster.Secrets.CreateAsync(
        new Secret
        {
            Metadata = new ObjectMeta { Name = name, Namespace = Cluster.Namespace },
            Type = "Opaque",
            Data = new Dictionary<string, byte[]> { [key] = Encoding.ASCII.GetBytes(value + "\n") },
        },
        CancellationToken.None);

    private async Task AssertFailedAsync(ProxiedPolicy policy, string said, string advice, int requests)
    {
        CertificateRenewalRun run = await WaitForOnlyRunAsync(policy);
        CertificateRenewalPolicy reported = await WaitUntilFailedAsync(policy);
        Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Failed), policy.Name);
        Assert.That(run.Status.Message, Does.Contain(said).And.Contain(advice), policy.Name);
        Assert.That(reported.Condition("Ready")?.Message, Does.Contain(said), policy.Name);
        Assert.That(reported.Condition("Reconciling")?.Reason, Is.EqualTo("BackingOff"), policy.Name);
        Assert.That(policy.Acme.Count(AcmeRequestKind.NewAccount), Is.EqualTo(requests), policy.Name);
        Assert.That(policy.Acme.Count(AcmeRequestKind.NewOrder), Is.Zero, policy.Name);
    }

    private async Task AssertStalledAsync(ProxiedPolicy policy, string said)
    {
        CertificateRenewalPolicy reported = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Is("Stalled"), "to be stalled");
        Assert.That(reported.Condition("Stalled")!.Message, Does.Contain(said), policy.Name);
        Assert.That(policy.Acme.Exchanges, Is.Empty, policy.Name);
    }
}

using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Authorities;

public sealed class AccountContactTests : ProxiedPoliciesTest
{
    private readonly ConcurrentQueue<string> _told = new();
    private bool _refuses;

    [Test]
    public async Task A_changed_address_is_told_to_the_CA_once_and_a_CA_that_refuses_it_still_issues()
    {
        ProxiedPolicy policy = (await PolicyAsync("www")).WithAcme(a => a with { Email = "first@example.com" });
        policy.Acme.Hooks.Before = ReadAlongAsync;
        OperatorUnderTest before = await Cluster.StartOperatorAsync();
        await CreateAllAsync();
        await RenewedAsync(policy, 1);
        Assert.That(_told, Is.Empty, "an account is registered with its contact");

        await ChangeAsync(policy, "second@example.com");
        Assert.That(await RenewedAsync(policy, 2), Does.Contain("Its contact is second@example.com now."));
        Assert.That(await RenewedAsync(policy, 3), Does.EndWith("is ready."));
        Assert.That(_told, Is.EqualTo(new[] { """{"contact":["mailto:second@example.com"]}""" }));

        await before.TerminateAsync();
        await Cluster.StartOperatorAsync();
        await RenewedAsync(policy, 4);
        Assert.That(_told, Has.Count.EqualTo(1), "the CA says what it has");

        _refuses = true;
        await ChangeAsync(policy, "third@example.com");
        Assert.That(await RenewedAsync(policy, 5), Does.Contain("It keeps the contact that it had").And.Contain("spec.providerConfig.acme.email"));

        await ChangeAsync(policy, null);
        Assert.That(await RenewedAsync(policy, 6), Does.EndWith("is ready."));
        Assert.That(_told, Has.Count.EqualTo(2));
        Assert.That(policy.Acme.Count(AcmeRequestKind.NewAccount, 201), Is.EqualTo(1));
    }

    private Task<ProxiedAnswer?> ReadAlongAsync(AcmeRequest request)
    {
        if (request.Kind != AcmeRequestKind.Account)
        {
            return Task.FromResult<ProxiedAnswer?>(null);
        }

        using var jws = JsonDocument.Parse(request.Http.Body);
        _told.Enqueue(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(jws.RootElement.GetProperty("payload").GetString())));
        return Task.FromResult(_refuses ? ProxiedAnswer.Of(403, "application/problem+json", """{"type":"urn:ietf:params:acme:error:unauthorized","detail":"Contacts are kept elsewhere."}""") : null);
    }

    private Task ChangeAsync(ProxiedPolicy policy, string? email) =>
        Cluster.ChangeAsync(policy.Name, p => p.Spec = p.Spec with { ProviderConfig = new ProviderConfig { Acme = p.Spec.ProviderConfig!.Acme! with { Email = email } } });

    /// <returns>What the newest run said of the account.</returns>
    private async Task<string?> RenewedAsync(ProxiedPolicy policy, int run)
    {
        if (run > 1)
        {
            await Cluster.RequestRenewalAsync(policy.Name, $"run {run}");
        }

        IReadOnlyList<CertificateRenewalRun> runs = await Cluster.WaitForFinishedRunsAsync(policy.Name, run);
        Assert.That(runs[^1].Status!.Phase, Is.EqualTo(RunPhase.Succeeded), runs[^1].Status!.Message);
        return runs[^1].Status!.Steps!.Single(s => s.Name == StepName.Preflight).Message;
    }
}

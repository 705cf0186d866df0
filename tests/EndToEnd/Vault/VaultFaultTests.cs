using CertOperator.Crds;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.Providers.Keys.Vault;
using CertOperator.Providers.Pki;
using CertOperator.TestSupport.Proxies;
using CertOperator.TestSupport.Vault;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Vault;

/// <summary>What can go wrong with Vault: each run ends where a person can mend it, or goes on by itself, and loses nothing.</summary>
public sealed class VaultFaultTests : VaultClusterTest
{
    [Test]
    public async Task What_a_person_has_to_mend_is_told_and_the_run_goes_on_with_its_order_and_key()
    {
        await Cluster.StartOperatorAsync();

        Transit.Keys[KeyOf("type")] = FakeTransitKey.Create("rsa-2048");
        CertificateRenewalRun run = await RunAsync("type", StepName.PrepareKey, VaultKeyReasons.WrongKeySpec, "is of type rsa-2048, and the policy wants ecdsa-p256");
        Transit.Keys.Remove(KeyOf("type"));
        await ResumeAsync(run);

        FakeTransitKey? lost = null;
        Vault.Interfere = OnceAtSign("deleted", () => Transit.Keys.Remove(KeyOf("deleted"), out lost));
        run = await RunAsync("deleted", StepName.Finalize, VaultKeyReasons.KeyNotFound, "backup");
        Transit.Keys[KeyOf("deleted")] = lost!;
        await ResumeAsync(run);
        Assert.That(lost!.Latest, Is.EqualTo(1));

        Vault.Interfere = OnceAtSign("retired", () =>
        {
            Transit.Keys[KeyOf("retired")].Rotate();
            Transit.Keys[KeyOf("retired")].MinEncryptionVersion = 2;
        });
        run = await RunAsync("retired", StepName.Finalize, VaultKeyReasons.KeyNotUsable, "min_encryption_version");
        Transit.Keys[KeyOf("retired")].MinEncryptionVersion = 0;
        await ResumeAsync(run);
        Vault.Interfere = _ => null;
        Assert.That((Cluster.Acme.OrdersPlaced, Cluster.Acme.OrdersFinalized), Is.EqualTo((3, 3)), "one order each");

        (string? issuer, IReadOnlyList<string?>? chain) = (Pki.IssuingCa, Pki.CaChain);
        (Pki.IssuingCa, Pki.CaChain) = (null, null);
        run = await RunAsync("chain", StepName.Finalize, PkiReasons.BrokenChain, "lacks 'CN=Vault Issuing'", p => WithPki(p, AppRole));
        (Pki.IssuingCa, Pki.CaChain) = (issuer, chain);
        await ResumeAsync(run);
    }

    [Test]
    public async Task What_passes_costs_nobody_anything()
    {
        (int throttled, int half, int stray) = (0, 0, 0);
        Vault.Interfere = request => request.Path == $"transit/sign/{KeyOf("throttled")}" && Interlocked.Increment(ref throttled) <= 3
            ? ProxiedAnswer.Of(429, "application/json", """{"errors":["request path \"transit/sign\": rate limit quota exceeded"]}""")
            : null;
        Vault.BreakOff = request => (request.Path == $"transit/sign/{KeyOf("half")}" && Interlocked.Increment(ref half) == 1) || (request.Path == $"transit/keys/{KeyOf("half")}" && Interlocked.Increment(ref stray) == 1);
        await Cluster.StartOperatorAsync();
        string[] names = ["throttled", "half"];
        foreach (string name in names)
        {
            await Cluster.CreateAsync(WithKey(new PolicyBuilder(Cluster, name)));
        }

        foreach (string name in names)
        {
            await Cluster.WaitUntilReadyAsync(name);
            Assert.That((await Cluster.RunsOfAsync(name)).Single().Status!.Phase, Is.EqualTo(RunPhase.Succeeded), name);
            Assert.That(Transit.Keys[KeyOf(name)].Latest, Is.EqualTo(1), $"{name}: one version");
        }

        Assert.That((throttled, half), Is.EqualTo((4, 2)));
        Assert.That((Cluster.Acme.OrdersPlaced, Cluster.Acme.OrdersFinalized), Is.EqualTo((2, 2)));
    }

    private string KeyOf(string policy) => $"{Cluster.Namespace}.{policy}";

    private Func<FakeVaultRequest, ProxiedAnswer?> OnceAtSign(string policy, Action act)
    {
        int done = 0;
        return request =>
        {
            if (request.Path == $"transit/sign/{KeyOf(policy)}" && Interlocked.Exchange(ref done, 1) == 0)
            {
                act();
            }

            return null;
        };
    }

    /// <summary>Creates a policy whose run ends with a fault.</summary>
    private async Task<CertificateRenewalRun> RunAsync(string name, StepName step, string reason, string words, Func<PolicyBuilder, PolicyBuilder>? change = null)
    {
        await Cluster.CreateAsync((change ?? (p => WithKey(p)))(new PolicyBuilder(Cluster, name)));
        CertificateRenewalRun run = (await Cluster.WaitForFinishedRunsAsync(name)).Single();
        Assert.That((run.Status!.Phase, run.Status.CurrentStep, run.Status.Reason), Is.EqualTo((RunPhase.NeedsManual, step, reason)), $"{name}: {run.Status.Message}");
        Assert.That(run.Status.Message, Does.Contain(words), name);
        return run;
    }

    private async Task ResumeAsync(CertificateRenewalRun run)
    {
        await Cluster.AnnotateRunAsync(run, WellKnown.ResumeRequestedAt, "now");
        string policy = run.Spec.PolicyRef.Name;
        await Cluster.WaitUntilReadyAsync(policy);
        Assert.That((await Cluster.RunsOfAsync(policy)).Single().Status!.Phase, Is.EqualTo(RunPhase.Succeeded), policy);
    }
}

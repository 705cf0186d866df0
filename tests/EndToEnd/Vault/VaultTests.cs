using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.Providers.Keys;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using CertOperator.TestSupport.Vault;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Vault;

/// <summary>Keys in Vault, and certificates from it.</summary>
public sealed class VaultTests : VaultClusterTest
{
    [Test]
    public async Task A_key_never_leaves_Transit_and_a_token_that_is_revoked_in_the_middle_costs_nothing()
    {
        PolicyBuilder policy = WithKey(new PolicyBuilder(Cluster));
        var revoked = 0;
        Vault.Interfere = request =>
        {
            if (request.Path.StartsWith("transit/sign/", StringComparison.Ordinal) && Interlocked.Exchange(ref revoked, 1) == 0)
            {
                Vault.Tokens.RevokeAll();
            }

            return null;
        };
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        await Cluster.WaitUntilReadyAsync(policy.Name);

        Secret first = await SecretOfAsync(policy);
        string key = $"{Cluster.Namespace}.www";
        using (Assert.EnterMultipleScope())
        {
            Assert.That(first.Type, Is.EqualTo("certoperator.io/certificate"));
            Assert.That(first.Data!.Keys, Is.EquivalentTo(new[] { "tls.crt", "key-reference" }));
            Assert.That((ReferenceIn(first).Place, ReferenceIn(first).Key, ReferenceIn(first).Version), Is.EqualTo((KeyPlaces.VaultTransit, $"{Vault.Address}v1/transit/keys/{key}", "1")));
            Assert.That(await PublicKeyAsync(first.Data["tls.crt"]), Is.EqualTo(Transit.Keys[key].Versions[1]!.ExportSubjectPublicKeyInfoPem()));
            Assert.That(Transit.Keys[key].Exportable, Is.False);
            Assert.That((Vault.Tokens.Logins, Cluster.Acme.OrdersPlaced, Cluster.Acme.OrdersFinalized), Is.EqualTo((2, 1, 1)), "the run went on where it was");
            Assert.That((await Cluster.RunsOfAsync(policy.Name)).Single().Status!.Phase, Is.EqualTo(RunPhase.Succeeded));
        }

        await Cluster.RequestRenewalAsync(policy.Name, "again");
        await Cluster.WaitForFinishedRunsAsync(policy.Name, 2);
        await Cluster.WaitUntilReadyAsync(policy.Name);
        Secret second = await SecretOfAsync(policy);
        Assert.That(ReferenceIn(second).Version, Is.EqualTo("2"));
        Assert.That(await PublicKeyAsync(second.Data!["tls.crt"]), Is.EqualTo(Transit.Keys[key].Versions[2]!.ExportSubjectPublicKeyInfoPem()));
        Assert.That((await Cluster.AllSecretsAsync()).SelectMany(s => s.Data?.Keys ?? Enumerable.Empty<string>()), Has.None.EqualTo("staged.key").And.None.EqualTo("previous.key"));
    }

    [Test]
    public async Task A_service_account_gets_a_certificate_of_a_PKI_engine_for_a_key_in_KV()
    {
        await Cluster.ControlPlane.KubectlAsync(["create", "serviceaccount", "web", "-n", Cluster.Namespace]);
        Vault.Tokens.AddKubernetesRole("kubernetes/web", $"{Cluster.Namespace}/web", "vault", new FakeTokenShape("operator"));
        var auth = new VaultAuthConfig { Kubernetes = new VaultKubernetesAuth { Role = "web", ServiceAccount = "web" } };
        PolicyBuilder policy = WithPki(WithKey(new PolicyBuilder(Cluster), c => c with { KvMount = "kv", Auth = auth }), auth);
        var @sealed = 0;
        Vault.Interfere = request => request.Path == "pki/sign/web" && Interlocked.Exchange(ref @sealed, 1) == 0
            ? ProxiedAnswer.Of(503, "application/json", """{"errors":["Vault is sealed"]}""")
            : null;
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        await Cluster.WaitUntilReadyAsync(policy.Name);

        Secret first = await SecretOfAsync(policy);
        string path = $"{Cluster.Namespace}/www";
        CertificateRenewalRun run = (await Cluster.RunsOfAsync(policy.Name)).Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(first.Type, Is.EqualTo("kubernetes.io/tls"));
            Assert.That(System.Text.Encoding.ASCII.GetString(first.Data!["tls.key"]), Is.EqualTo(Kv.Secrets[path].Single()!["tls.key"]!.GetValue<string>()));
            Assert.That((ReferenceIn(first).Place, ReferenceIn(first).Version), Is.EqualTo((KeyPlaces.VaultKv, "1")));
            Assert.That(System.Text.Encoding.ASCII.GetString(first.Data["tls.crt"]).Split("BEGIN CERTIFICATE"), Has.Length.EqualTo(3), "the leaf and its issuer, without the root");
            Assert.That(first.Metadata.Annotations![WellKnown.SecretServer], Is.EqualTo($"{Vault.Address}v1/pki"));
            Assert.That(Pki.SignedCount, Is.EqualTo(1));
            Assert.That(Vault.Tokens.Logins, Is.EqualTo(1), "one identity, one token");
            Assert.That(run.Status!.Steps!.Where(s => s.Name is StepName.PlaceOrder or StepName.SolveChallenges).Select(s => s.State), Is.All.EqualTo(StepState.Skipped));
            Assert.That(run.Status.Steps!.Single(s => s.Name == StepName.Finalize).Attempts, Is.EqualTo(1), "it was sealed the first time");
        }

        await Cluster.RequestRenewalAsync(policy.Name, "again");
        await Cluster.WaitForFinishedRunsAsync(policy.Name, 2);
        await Cluster.WaitUntilReadyAsync(policy.Name);
        Assert.That(ReferenceIn(await SecretOfAsync(policy)).Version, Is.EqualTo("2"));
        Assert.That(Kv.Secrets[path], Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_run_that_is_killed_when_Vault_has_signed_goes_on_with_the_same_key()
    {
        PolicyBuilder policy = WithPki(WithKey(new PolicyBuilder(Cluster)), AppRole);
        OperatorUnderTest first = await Cluster.StartOperatorAsync();
        var killed = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        Vault.BreakOff = request => request.Path == "pki/sign/web" && !killed.Task.IsCompleted && killed.TrySetResult(first.KillAsync());
        await Cluster.CreateAsync(policy);
        await await killed.Task;

        await Cluster.StartOperatorAsync();

        await Cluster.WaitUntilReadyAsync(policy.Name);
        Secret secret = await SecretOfAsync(policy);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((await Cluster.RunsOfAsync(policy.Name)).Single().Status!.Phase, Is.EqualTo(RunPhase.Succeeded));
            Assert.That((ReferenceIn(secret).Version, Transit.Keys.Single().Value.Latest), Is.EqualTo(("1", 1)), "no second version was made");
            Assert.That(await PublicKeyAsync(secret.Data!["tls.crt"]), Is.EqualTo(Transit.Keys.Single().Value.Versions[1]!.ExportSubjectPublicKeyInfoPem()));
            Assert.That(Pki.SignedCount, Is.EqualTo(2), "the answer to the first was lost");
        }
    }

    [TestCase("https://kubernetes.default.svc", "is one for the API server itself and is not sent anywhere")]
    [TestCase("vault", "there is no such service account")]
    public async Task A_service_account_that_is_not_there_or_a_token_that_says_too_much_needs_a_person(string audience, string expected)
    {
        if (audience != "vault")
        {
            await Cluster.ControlPlane.KubectlAsync(["create", "serviceaccount", "web", "-n", Cluster.Namespace]);
        }

        Vault.Tokens.AddKubernetesRole("kubernetes/web", $"{Cluster.Namespace}/web", audience, new FakeTokenShape("operator"));
        PolicyBuilder policy = WithPki(new PolicyBuilder(Cluster), new VaultAuthConfig { Kubernetes = new VaultKubernetesAuth { Role = "web", ServiceAccount = "web", Audience = audience } });
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        CertificateRenewalRun run = (await Cluster.WaitForFinishedRunsAsync(policy.Name))[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That((run.Status!.Phase, run.Status.CurrentStep, run.Status.Reason), Is.EqualTo((RunPhase.NeedsManual, (StepName?)StepName.Preflight, "VaultLoginRefused")));
            Assert.That(run.Status.Message, Does.Contain(expected));
            Assert.That(Vault.Requests, Is.Empty, "no token has left the cluster");
        }
    }

    [Test]
    public async Task A_dry_run_says_what_Vault_grants_and_a_live_one_waits_for_a_person_where_it_does_not()
    {
        Vault.Tokens.SetPolicy("operator", ("transit/keys/*", "read,update"), ("transit/sign/other", "update"));
        PolicyBuilder policy = WithPki(WithKey(new PolicyBuilder(Cluster)), AppRole).With(s => s with { Suspend = true });
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        await Cluster.ChangeAsync(policy.Name, p => p.Metadata.Annotations = new Dictionary<string, string> { [WellKnown.RenewMode] = "DryRun", [WellKnown.RenewRequestedAt] = "1" });
        CertificateRenewalRun dry = (await Cluster.WaitForFinishedRunsAsync(policy.Name))[0];
        string key = $"{Cluster.Namespace}.www";
        using (Assert.EnterMultipleScope())
        {
            Assert.That(dry.Status!.Phase, Is.EqualTo(RunPhase.Failed));
            Assert.That(
                dry.Status.Report!.Where(r => r.Result == CheckResult.Failed).Select(r => r.Subject),
                Is.EquivalentTo(new[] { "update on pki/sign/web", $"update on transit/sign/{key}" }));
            Assert.That(dry.Status.Report!.Single(r => r.Subject == $"update on transit/sign/{key}").Evidence, Does.Contain($"path \"transit/sign/{key}\" {{ capabilities = [\"update\"] }}"));
            Assert.That((Transit.Keys.Count, Pki.SignedCount), Is.EqualTo((0, 0)));
        }

        await Cluster.ChangeAsync(policy.Name, p => p.Metadata.Annotations = new Dictionary<string, string> { [WellKnown.RenewMode] = "Live", [WellKnown.RenewRequestedAt] = "2" });
        CertificateRenewalRun live = (await Cluster.WaitForFinishedRunsAsync(policy.Name, 2))[1];
        Assert.That((live.Status!.Phase, live.Status.CurrentStep, live.Status.Reason), Is.EqualTo((RunPhase.NeedsManual, (StepName?)StepName.Finalize, "VaultAccessDenied")), live.Status.Message);

        Vault.Tokens.SetPolicy("operator", ("transit/keys/*", "read,update"), ("transit/sign/*", "update"), ("pki/sign/web", "update"));
        await Cluster.AnnotateRunAsync(live, WellKnown.ResumeRequestedAt, "granted");
        await Eventually.GetAsync(async _ => (await Cluster.RunsOfAsync(policy.Name))[1], r => r.Status?.Phase == RunPhase.Succeeded, Deadlines.Run, "the run to go on");
        Assert.That(ReferenceIn(await SecretOfAsync(policy)).Version, Is.EqualTo("1"), "the key that was made before");
    }
}

using System.Security.Cryptography.X509Certificates;
using System.Text;
using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Challenges;
using CertOperator.EndToEnd.Harness;
using CertOperator.EndToEnd.Survival;
using CertOperator.Kubernetes;
using CertOperator.Providers.Keys;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Gcp;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Providers;

/// <summary>Certificates that Google issues once a CNAME record stands that the operator writes to a real name server.</summary>
public sealed class GcpManagedTests : DnsTest, IAsyncDisposable
{
    private FakeGoogle _google = null!;

    [SetUp]
    public async Task StartGoogleAsync()
    {
        _google = await FakeGoogle.StartAsync();
        _google.Certificates.Resolve = name => Dns.CnameAsync(name);
    }

    public async ValueTask DisposeAsync()
    {
        await _google.DisposeAsync();
        Assert.That(_google.Violations, Is.Empty);
    }

    [Test]
    public async Task A_managed_certificate_is_asked_for_proven_fetched_and_fetched_again_once_Google_has_renewed_it()
    {
        await CreateSecretAsync();
        await CreateSolverAsync();
        await CreateKeyFileAsync();
        PolicyBuilder policy = Policy();
        await StartOperatorAsync();
        await Cluster.CreateAsync(policy);

        await Cluster.WaitUntilReadyAsync(policy.Name);

        Secret first = await SecretAsync(policy);
        Assert.That(first.Type, Is.EqualTo("certoperator.io/certificate"));
        Assert.That(first.Data!.Keys, Is.EquivalentTo(new[] { "tls.crt", "key-reference" }));
        string path = _google.Certificates.Names.Single(n => n.StartsWith("certificates/", StringComparison.Ordinal));
        Assert.That(KeyReference.Parse(first.Data["key-reference"]), Has.Property(nameof(KeyReference.Place)).EqualTo(KeyPlaces.GcpCm).And.Property(nameof(KeyReference.Key)).EndsWith(path));
        using X509Certificate2 certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(first.Data["tls.crt"]));
        Assert.That(certificate.MatchesHostname($"www.{Zone}"), Is.True);
        Assert.That(await Dns.CnameAsync($"_acme-challenge.www.{Zone}"), Does.EndWith(".authorize.certificatemanager.goog"), "Google renews by it");

        _google.Certificates.Renew(path);
        await Cluster.RequestRenewalAsync(policy.Name, "fetch");
        await Cluster.WaitForFinishedRunsAsync(policy.Name, 2);
        await Cluster.WaitUntilReadyAsync(policy.Name);
        Assert.That((await SecretAsync(policy)).Data!["tls.crt"], Is.Not.EqualTo(first.Data["tls.crt"]));
        Assert.That((_google.Count("POST", "/dnsAuthorizations"), _google.Count("POST", "/certificates")), Is.EqualTo((1, 1)));

        // A Secret that is lost gets the certificate back that Google has.
        await Cluster.Secrets.DeleteAsync(Cluster.Name(policy.SecretName), null, CancellationToken.None);
        await Eventually.GetAsync(ct => Cluster.Secrets.FindAsync(Cluster.Name(policy.SecretName), ct), s => s is not null, Deadlines.Run, "the Secret to be restored");
        Assert.That(_google.Count("POST", "/certificates"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_renewal_that_is_killed_when_the_Secret_is_written_does_not_wait_for_Google_to_renew_once_more()
    {
        await CreateSecretAsync();
        await CreateSolverAsync();
        await CreateKeyFileAsync();
        PolicyBuilder policy = Policy();
        _google.Certificates.NotBefore = TimeProvider.System.GetUtcNow().AddDays(-70);
        OperatorUnderTest victim = await StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        await Cluster.WaitUntilReadyAsync(policy.Name);
        _google.Certificates.NotBefore = null;
        _google.Certificates.Renew(_google.Certificates.Names.Single(n => n.StartsWith("certificates/", StringComparison.Ordinal)));

        // Due by its schedule: nobody asks for what there is.
        Task killed = KillPoint.After("the Secret is written", KillPoints.SecretIsWritten).KillAt(Cluster, victim);
        await Cluster.ChangeAsync(policy.Name, p => p.Spec = p.Spec with { RenewBefore = "2200h" });
        await killed.WaitAsync(Deadlines.Run);
        byte[] written = (await SecretAsync(policy)).Data!["tls.crt"];
        await StartOperatorAsync();

        CertificateRenewalRun run = (await Cluster.WaitForFinishedRunsAsync(policy.Name, 2))[1];
        Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Succeeded), run.Status.Message);
        Assert.That((await SecretAsync(policy)).Data!["tls.crt"], Is.EqualTo(written));
    }

    [Test]
    public async Task Throttling_half_an_answer_and_a_token_that_ran_out_pass_and_a_missing_permission_is_mended_without_asking_twice()
    {
        await CreateSecretAsync();
        await CreateSolverAsync();
        await CreateKeyFileAsync();
        PolicyBuilder policy = Policy();
        (int authorizations, int certificates) = (0, 0);
        _google.Intercept = request => (request.Method, request.Path.Split('/')[^1]) switch
        {
            ("POST", "dnsAuthorizations") => Interlocked.Increment(ref authorizations) switch
            {
                1 => FakeGoogle.Error(429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Write requests'."),
                2 => ProxiedAnswer.Of(200, "application/json", "{\"name\":\"projects/shop-12"),
                _ => null,
            },
            ("POST", "certificates") when Interlocked.Increment(ref certificates) == 1 => FakeGoogle.Error(403, "PERMISSION_DENIED", "Permission 'certificatemanager.certs.create' denied on resource."),
            ("POST", "certificates") => RevokedToken(),
            _ => null,
        };
        await StartOperatorAsync();
        await Cluster.CreateAsync(policy);

        CertificateRenewalRun refused = await OnlyRunAsync(policy);
        Assert.That((refused.Status!.Phase, refused.Status.Reason), Is.EqualTo((RunPhase.NeedsManual, "AccessDenied")), refused.Status.Message);
        Assert.That(refused.Status.Message, Does.Contain("roles/certificatemanager.editor"));
        await Cluster.AnnotateRunAsync(refused, WellKnown.ResumeRequestedAt, "granted");

        await Cluster.WaitUntilReadyAsync(policy.Name);
        Assert.That((await OnlyRunAsync(policy)).Status!.Phase, Is.EqualTo(RunPhase.Succeeded));
        Assert.That((authorizations, certificates, _google.Certificates.Names.Count), Is.EqualTo((3, 2, 2)), "one of each was made");

        ProxiedAnswer? RevokedToken()
        {
            _google.RevokeTokens();
            return null;
        }
    }

    [Test]
    public async Task A_dry_run_and_a_policy_without_credentials_ask_for_nothing()
    {
        await CreateSecretAsync();
        await CreateSolverAsync();
        PolicyBuilder policy = Policy().With(s => s with { DryRunDefault = true });
        await StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        IReadOnlyList<CertificateRenewalRun> runs = await Cluster.WaitForFinishedRunsAsync(policy.Name);
        Assert.That(FailedChecks(runs[^1]), Has.Some.Contains("spec.providerConfig.gcpCm.credentialsSecretName: Secret google does not exist"));

        await CreateKeyFileAsync();
        await Cluster.RequestRenewalAsync(policy.Name, "look again");
        runs = await Cluster.WaitForFinishedRunsAsync(policy.Name, 2);
        Assert.That(FailedChecks(runs[^1]), Is.Empty);
        Assert.That(_google.Certificates.Names, Is.Empty);
    }

    private static IEnumerable<string?> FailedChecks(CertificateRenewalRun run) => run.Status!.Report!.Where(r => r.Result == CheckResult.Failed).Select(r => r.Evidence);

    private PolicyBuilder Policy()
        => new PolicyBuilder(Cluster).With(s => s with
        {
            Hostname = $"www.{Zone}",
            Provider = CertificateProviderKind.GcpCm,
            ProviderConfig = new ProviderConfig
            {
                GcpCm = new GcpCmConfig { Project = FakeGoogle.Project, Location = FakeGoogle.Location, Endpoint = _google.Address.AbsoluteUri, CaBundle = _google.CaPem, CredentialsSecretName = "google" },
            },
        });

    private Task CreateKeyFileAsync()
        => Cluster.Secrets.CreateAsync(
            new Secret { Metadata = new ObjectMeta { Name = "google", Namespace = Cluster.Namespace }, Type = "Opaque", Data = new Dictionary<string, byte[]> { ["credentials.json"] = Encoding.UTF8.GetBytes(_google.KeyFile) } },
            CancellationToken.None);

    private Task<Secret> SecretAsync(PolicyBuilder policy) => Cluster.Secrets.GetAsync(Cluster.Name(policy.SecretName), CancellationToken.None);
}

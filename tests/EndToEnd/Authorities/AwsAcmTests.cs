using System.Security.Cryptography.X509Certificates;
using System.Text;
using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Challenges;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.Providers.Keys;
using CertOperator.TestSupport.Aws;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Authorities;

/// <summary>Certificates of AWS Certificate Manager, with control proven by CNAME records in a real name server.</summary>
public sealed class AwsAcmTests : DnsTest, IAsyncDisposable
{
    private FakeAws _aws = null!;

    [SetUp]
    public async Task StartAwsAsync()
    {
        _aws = await FakeAws.StartAsync();
        _aws.Acm.SeesRecord = (name, value) => Dns.CnameAsync(name).GetAwaiter().GetResult() == value.TrimEnd('.');
    }

    public async ValueTask DisposeAsync()
    {
        await _aws.DisposeAsync();
        Assert.That(_aws.Violations, Is.Empty);
    }

    [Test]
    public async Task An_exportable_certificate_arrives_with_its_key_and_is_renewed_under_its_ARN()
    {
        PolicyBuilder policy = await PolicyAsync(exportable: true);
        _aws.User.Denied.Add("acm:ExportCertificate");
        await StartOperatorAsync();
        await Cluster.CreateAsync(policy);

        CertificateRenewalRun refused = await OnlyRunAsync(policy);
        Assert.That((refused.Status!.Phase, refused.Status.CurrentStep), Is.EqualTo((RunPhase.NeedsManual, StepName.Finalize)), refused.Status.Message);
        Assert.That(refused.Status.Message, Does.Contain("Allow acm:ExportCertificate on arn:aws:acm:"));
        _aws.User.Denied.Clear();
        await Cluster.AnnotateRunAsync(refused, WellKnown.ResumeRequestedAt, "now");

        await Cluster.WaitUntilReadyAsync(policy.Name);
        Secret first = await SecretAsync(policy);
        using (var pair = X509Certificate2.CreateFromPem(Text(first, "tls.crt"), Text(first, "tls.key")))
        {
            Assert.That(pair.HasPrivateKey, Is.True);
        }

        Assert.That((_aws.Acm.Certificates.Count, _aws.Count("acm:RequestCertificate")), Is.EqualTo((1, 1)), "the run went on with its request");
        Assert.That(await Dns.CnameAsync(FakeAcmCertificate.RecordFor(Zone).Name), Is.EqualTo(FakeAcmCertificate.RecordFor(Zone).Value.TrimEnd('.')), "ACM renews by it");

        await Cluster.RequestRenewalAsync(policy.Name, "again");
        await Cluster.WaitForFinishedRunsAsync(policy.Name, 2);
        await Cluster.WaitUntilReadyAsync(policy.Name);
        Secret second = await SecretAsync(policy);
        Assert.That(Text(second, "tls.crt"), Is.Not.EqualTo(Text(first, "tls.crt")));
        Assert.That(Text(second, "tls.key"), Is.Not.EqualTo(Text(first, "tls.key")));
        Assert.That((_aws.Acm.Certificates.Count, _aws.Count("acm:RequestCertificate"), _aws.Count("acm:RenewCertificate")), Is.EqualTo((1, 1, 1)));
    }

    [Test]
    public async Task A_certificate_whose_key_stays_is_referred_to_in_the_Secret()
    {
        PolicyBuilder policy = await PolicyAsync(exportable: false);
        await StartOperatorAsync();
        await Cluster.CreateAsync(policy);

        await Cluster.WaitUntilReadyAsync(policy.Name);

        Secret secret = await SecretAsync(policy);
        FakeAcmCertificate certificate = _aws.Acm.Certificates.Single();
        Assert.That(secret.Type, Is.EqualTo("certoperator.io/certificate"));
        Assert.That(secret.Data!.Keys, Is.EquivalentTo(new[] { "tls.crt", "key-reference" }));
        Assert.That(KeyReference.Parse(secret.Data["key-reference"])!.Key, Is.EqualTo(certificate.Arn));
        CertificateRenewalRun run = await OnlyRunAsync(policy);
        Assert.That(run.Metadata.Finalizers, Is.Null.Or.Empty, "nothing is to be taken away");
    }

    [Test]
    public async Task A_run_that_is_killed_before_it_knows_the_ARN_goes_on_with_the_certificate_that_it_requested()
    {
        PolicyBuilder policy = await PolicyAsync(exportable: true);
        _aws.Acm.ReversesChains = true;
        OperatorUnderTest victim = await StartOperatorAsync();
        var killed = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        _aws.Spoil = (request, answer) =>
        {
            if (request.Action != "acm:RequestCertificate")
            {
                return answer;
            }

            killed.TrySetResult(victim.KillAsync());
            return answer with { CutAfter = 0 };
        };
        await Cluster.CreateAsync(policy);
        await await killed.Task.WaitAsync(Deadlines.Run);
        Assert.That((await Cluster.RunsOfAsync(policy.Name)).Single().Status?.Order, Is.Null, "nothing is known of it");

        await StartOperatorAsync();
        await Cluster.WaitUntilReadyAsync(policy.Name);

        FakeAcmCertificate certificate = _aws.Acm.Certificates.Single();
        Assert.That((await OnlyRunAsync(policy)).Status!.Order!.Url, Is.EqualTo(certificate.Arn));
        Assert.That(_aws.Count("acm:RequestCertificate"), Is.EqualTo(1));
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(Text(await SecretAsync(policy), "tls.crt"));
        Assert.That(chain[0].RawData, Is.EqualTo(certificate.Leaf!.Certificate.RawData));
        Assert.That(chain.Zip(chain.Skip(1), (c, issuer) => c.Issuer == issuer.Subject), Is.All.True, "ACM gave the issuers in the wrong order");
        Assert.That(chain, Has.Count.GreaterThan(2));
    }

    [Test]
    public async Task What_runs_that_ended_have_requested_the_next_one_takes_over()
    {
        PolicyBuilder policy = await PolicyAsync(exportable: true);

        // The answer is lost, and by the next try the access key was taken away: the run never hears of the ARN.
        _aws.Spoil = (request, answer) => request.Action == "acm:RequestCertificate" ? answer with { CutAfter = 0 } : answer;
        _aws.Intercept = _ => _aws.Acm.Certificates.Count == 0 ? null : FakeAwsAnswer.Error("UnrecognizedClientException", "The security token included in the request is invalid.");
        await StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        CertificateRenewalRun first = await OnlyRunAsync(policy);
        Assert.That((first.Status!.Phase, first.Status.CurrentStep, first.Status.Reason), Is.EqualTo((RunPhase.NeedsManual, StepName.PlaceOrder, "CredentialsRefused")), first.Status.Message);
        Assert.That(first.Status.Order?.Url, Is.Null);

        // The next one finds it by the tag, and ends when it knows the records, before ACM has seen them.
        _aws.Intercept = _ => null;
        _aws.Acm.SeesRecord = (_, _) =>
        {
            _aws.User.Denied.Add("acm:DescribeCertificate");
            return false;
        };
        await Cluster.RequestRenewalAsync(policy.Name, "second");
        CertificateRenewalRun second = (await Cluster.WaitForFinishedRunsAsync(policy.Name, 2))[1];
        string arn = _aws.Acm.Certificates.Single().Arn;
        Assert.That((second.Status!.Phase, second.Status.Reason, second.Status.Order?.Url), Is.EqualTo((RunPhase.NeedsManual, "AccessDenied", arn)), second.Status.Message);

        // And the one after that by what the second has stored.
        _aws.User.Denied.Clear();
        _aws.Acm.SeesRecord = (name, value) => Dns.CnameAsync(name).GetAwaiter().GetResult() == value.TrimEnd('.');
        await Cluster.RequestRenewalAsync(policy.Name, "third");
        CertificateRenewalRun third = (await Cluster.WaitForFinishedRunsAsync(policy.Name, 3))[2];
        Assert.That((third.Status!.Phase, third.Status.Order?.Url), Is.EqualTo((RunPhase.Succeeded, arn)), third.Status.Message);
        await Cluster.WaitUntilReadyAsync(policy.Name);
        Assert.That((_aws.Acm.Certificates.Count, _aws.Count("acm:RequestCertificate")), Is.EqualTo((1, 1)));
        Assert.That(Text(await SecretAsync(policy), "tls.crt"), Does.StartWith(_aws.Acm.Certificates.Single().Leaf!.Pem));
    }

    private async Task<PolicyBuilder> PolicyAsync(bool exportable)
    {
        await CreateSecretAsync();
        await CreateSolverAsync();
        await Cluster.Secrets.CreateAsync(
            new Secret
            {
                Metadata = new ObjectMeta { Name = "aws", Namespace = Cluster.Namespace },
                Data = new Dictionary<string, byte[]>
                {
                    ["accessKeyId"] = Encoding.ASCII.GetBytes(_aws.User.AccessKeyId),
                    ["secretAccessKey"] = Encoding.ASCII.GetBytes(_aws.User.SecretAccessKey),
                },
            },
            CancellationToken.None);
        return new PolicyBuilder(Cluster).With(s => s with
        {
            Hostname = Zone,
            AdditionalNames = [$"*.{Zone}"],
            Provider = CertificateProviderKind.AwsAcm,
            ProviderConfig = new ProviderConfig
            {
                AwsAcm = new AwsAcmConfig { Region = FakeAws.Region, Endpoint = _aws.Address.AbsoluteUri, CaBundle = _aws.CaPem, CredentialsSecretName = "aws", Exportable = exportable },
            },
        });
    }

    private Task<Secret> SecretAsync(PolicyBuilder policy) => Cluster.Secrets.GetAsync(Cluster.Name(policy.SecretName), CancellationToken.None);

    private static string Text(Secret secret, string key) => Encoding.ASCII.GetString(secret.Data![key]);
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CertOperator.Providers.Aws;
using CertOperator.Providers.AwsAcm;
using CertOperator.Providers.Deployments;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Pki;
using CertOperator.Providers.Tests.Deployments;
using CertOperator.TestSupport.Aws;
using CertOperator.TestSupport.Certificates;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Aws;

public sealed class AcmImportTargetTests : AwsFixture
{
    private const string TargetField = "spec.deploy.targets[0].awsAcm";
    private static readonly TargetOwner Owner = new("uid-1", "team-a/www");
    private static readonly TargetPlace Nowhere = new(null, null);
    private static readonly TargetKey Ecdsa256 = new(KeyAlgorithm.Ecdsa, 256);

    private TestAuthority _root = null!;
    private TestAuthority _authority = null!;

    [SetUp]
    public void MakeAuthority()
    {
        _root = TestAuthority.CreateRoot(Time);
        _authority = _root.CreateIntermediate("Middle").CreateIntermediate("Lowest");
    }

    [TearDown]
    public void ForgetAuthority() => _root.Dispose();

    [Test]
    public async Task The_first_pair_makes_a_certificate_with_tags_and_the_next_one_goes_to_its_ARN_without()
    {
        using var first = new TestPair(_authority);
        using var second = new TestPair(_authority);
        var target = Target();

        var arn = await PutAsync(target, first, Nowhere);
        Assert.That(await PutAsync(target, second, new TargetPlace(arn, null)), Is.EqualTo(arn));

        var certificate = Aws.Acm.Certificates.Single();
        Assert.That((certificate.Arn, certificate.Type, certificate.Imports), Is.EqualTo((arn, "IMPORTED", 2)));
        Assert.That((certificate.ImportedPem, certificate.ImportedKeyPem, certificate.ImportedChainPem), Is.EqualTo((second.Leaf.Pem, second.Leaf.KeyPem, _authority.IntermediatesPem)));
        Assert.That(Aws.Requests.Select(r => r.Action), Is.All.EqualTo("acm:ImportCertificate"));
        var whole = $$"""{"Certificate":"{{Base64(first.Leaf.Pem)}}","PrivateKey":"{{Base64(first.Leaf.KeyPem)}}","CertificateChain":"{{Base64(_authority.IntermediatesPem)}}","Tags":[{"Key":"certoperator.io/policy-uid","Value":"uid-1"},{"Key":"certoperator.io/policy","Value":"team-a/www"}]}""";
        Assert.That(JsonNode.DeepEquals(Aws.Requests[0].Body, JsonNode.Parse(whole)), Is.True, Aws.Requests[0].Body.ToJsonString());
        Assert.That(Aws.Requests[1].Body.Select(p => p.Key), Is.EqualTo(new[] { "CertificateArn", "Certificate", "PrivateKey", "CertificateChain" }));
    }

    [TestCase("EC_secp384r1")]
    [TestCase("RSA_2048")]
    public async Task Every_kind_of_key_can_be_imported_but_not_in_the_place_of_another_kind(string kind)
    {
        using var key = kind == "RSA_2048" ? (AsymmetricAlgorithm)RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var first = new TestPair(_authority, leaf: new LeafRequest("www.example.com") { Key = key });
        using var other = new TestPair(_authority);
        var arn = await PutAsync(Target(), first, Nowhere);
        Assert.That(Aws.Acm.Certificates.Single().KeyAlgorithm, Is.EqualTo(kind));

        Assert.That(await LookAsync(Target(), arn), Has.Property("Passed").False.And.Property("Evidence").EqualTo($"{Words(arn, kind)} or delete that certificate once no service uses it, so that another one is imported in its place."));
        Assert.That(await LookAsync(Target(arn), null), Has.Property("Passed").False.And.Property("Evidence").EqualTo($"{Words(arn, kind)} or import the new pair once by hand as another certificate, and name that in {TargetField}.certificateArn."));
        foreach (var target in new[] { Target(), Target(arn) })
        {
            var refusal = await RefusalAsync(target, other, new TargetPlace(arn, null));
            Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, AcmReasons.ImportRefused)));
            Assert.That(refusal.Message, Does.StartWith(Words(arn, kind)).And.EndsWith("Then resume the run, unless spec.key was changed, which begins another one."));
        }

        Aws.User.Denied.Add("acm:DescribeCertificate");
        Assert.That((await RefusalAsync(Target(arn), other, Nowhere)).Message, Does.Contain("cannot be changed").And.Contain("keeps the kind and size of its key").And.Contain($"{TargetField}.certificateArn").And.Contain("resume the run"), "what ACM says");

        static string Words(string arn, string kind) => $"The key of {arn} is {kind}, and that of the pair EC_prime256v1: an imported certificate keeps the kind and size of its key. Let spec.key ask for that kind,";
    }

    [TestCase("EC_secp384r1", KeyAlgorithm.Ecdsa, 384)]
    [TestCase("RSA_2048", KeyAlgorithm.Rsa, 2048)]
    [TestCase("RSA_4096", KeyAlgorithm.Rsa, 4096)]
    public async Task A_dry_run_tells_kinds_and_sizes_of_keys_apart(string kind, KeyAlgorithm algorithm, int size)
    {
        var certificate = Aws.Acm.Add(["www.example.com"], type: "IMPORTED");
        certificate.KeyAlgorithm = kind;
        Assert.That(await LookAsync(Target(certificate.Arn), null, new TargetKey(algorithm, size)), Has.Property("Passed").True);
        Assert.That(await LookAsync(Target(certificate.Arn), null, new TargetKey(KeyAlgorithm.Rsa, 3072)), Has.Property("Passed").False.And.Property("Evidence").Contains($"is {kind}, and that of the pair RSA_3072"));
    }

    [Test]
    public async Task A_certificate_whose_ARN_was_lost_on_its_way_is_found_by_its_tag()
    {
        using var pair = new TestPair(_authority);
        using var strangers = new TestPair(_authority);
        await Target().PutAsync(strangers.Pair, new TargetOwner("uid-2", "team-a/api"), Nowhere, CancellationToken.None);
        Aws.Acm.Add(["www.example.com"]).Tags["certoperator.io/policy-uid"] = "uid-1";
        foreach (var spoil in HalfWritten)
        {
            Aws.Spoil = (_, answer) => spoil(answer);
            var lost = await RefusalAsync(Target(), pair, Nowhere);
            Assert.That((lost.Failure, lost.Message.Contains("PRIVATE", StringComparison.Ordinal)), Is.EqualTo((IssuanceFailure.Transient, false)));
            Aws.Spoil = (_, answer) => answer;

            var found = await Target().FindAsync(Owner, CancellationToken.None);
            var made = Aws.Acm.Certificates.Single(c => c.Type == "IMPORTED" && c.Tags["certoperator.io/policy-uid"] == "uid-1");
            Assert.That(found, Is.EqualTo(made.Arn));
            Assert.That(await PutAsync(Target(), pair, new TargetPlace(found, null)), Is.EqualTo(made.Arn));
            await new AcmApi(new AwsJsonApi(Http, Identities, Time)).DeleteAsync(Access(), made.Arn, CancellationToken.None);
        }

        Assert.That(await Target().FindAsync(Owner, CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task What_the_operator_made_is_made_again_where_it_is_gone_and_what_the_policy_names_is_a_persons_to_mend()
    {
        using var pair = new TestPair(_authority);
        const string Gone = $"arn:aws:acm:{FakeAws.Region}:{FakeAws.Account}:certificate/11111111-2222-3333-4444-555555555555";
        const string Foreign = $"arn:aws:acm:{FakeAws.Region}:{FakeAws.OtherAccount}:certificate/11111111-2222-3333-4444-555555555555";
        Assert.That(await Target().PutAsync(pair.Pair, Owner, new TargetPlace(Gone, null), CancellationToken.None), Is.InstanceOf<TargetProgress.Gone>().With.Property("Message").Contains(Gone));
        Assert.That(Aws.Acm.Certificates, Is.Empty, "that is stored first");

        foreach (var arn in new[] { Gone, Foreign })
        {
            var refusal = await RefusalAsync(Target(arn), pair, Nowhere);
            Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, AcmReasons.CertificateNotFound)));
            Assert.That(refusal.Message, Does.Contain(arn).And.Contain("an ARN of another account or region cannot be used").And.Contain($"Correct {TargetField}.certificateArn"));
        }
    }

    [Test]
    public async Task A_certificate_that_ACM_has_issued_takes_no_import()
    {
        using var pair = new TestPair(_authority);
        var issued = Aws.Acm.Add(["www.example.com"]);
        var refusal = await RefusalAsync(Target(issued.Arn), pair, Nowhere);
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, AcmReasons.ImportRefused)));
    }

    [Test]
    public async Task A_leaf_without_its_issuer_is_not_sent_and_the_issuer_is_named()
    {
        using var pair = new TestPair(_authority, withIssuers: false);
        var refusal = await RefusalAsync(Target(), pair, Nowhere);
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, AcmReasons.IncompleteChain)));
        Assert.That(refusal.Message, Does.Contain("CN=Lowest").And.Contain("spec.deploy.targets[0].issuerBundle"));
        Assert.That(Aws.Requests, Is.Empty);
    }

    [TestCase("acm:ImportCertificate")]
    [TestCase("acm:ListCertificates")]
    public async Task A_right_that_is_missing_is_named(string action)
    {
        using var pair = new TestPair(_authority);
        Aws.User.Denied.Add(action);
        var refusal = await Assert.ThrowsAsync<IssuanceException>(async () =>
        {
            await Target().FindAsync(Owner, CancellationToken.None);
            await PutAsync(Target(), pair, Nowhere);
        });
        Assert.That((refusal!.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, AwsReasons.AccessDenied)));
        Assert.That(refusal.Message, Does.Contain($"Allow {action} on"));
    }

    [TestCase("ThrottlingException", 400, IssuanceReasons.RateLimited)]
    [TestCase("ServiceUnavailableException", 503, IssuanceReasons.ServerError)]
    [TestCase("InternalFailure", 500, IssuanceReasons.ServerError)]
    public async Task Passing_trouble_is_tried_again(string code, int status, string reason)
    {
        using var pair = new TestPair(_authority);
        Aws.Intercept = _ => FakeAwsAnswer.Error(code, "Later") with { Status = status };
        var refusal = await RefusalAsync(Target(), pair, Nowhere);
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.Transient, reason)));
    }

    [Test]
    public async Task A_dry_run_looks_and_changes_nothing()
    {
        using var pair = new TestPair(_authority);
        var arn = await PutAsync(Target(), pair, Nowhere);
        var issued = Aws.Acm.Add(["www.example.com"]);
        Aws.User.Denied.Add("acm:ImportCertificate");
        const string Foreign = $"arn:aws:acm:{FakeAws.Region}:{FakeAws.OtherAccount}:certificate/11111111-2222-3333-4444-555555555555";

        Assert.That(await LookAsync(Target(), arn), Is.EqualTo(new ProviderCheck("Permission", "acm:DescribeCertificate", true, $"{arn} is there; a live run would import to it again.")));
        Assert.That(await LookAsync(Target(), null), Has.Property("Subject").EqualTo("acm:ListCertificates").And.Property("Passed").True);
        Assert.That(await LookAsync(Target(issued.Arn), null), Has.Property("Passed").False.And.Property("Evidence").Contains("only imported certificates"));
        Assert.That(await LookAsync(Target(Foreign), null), Has.Property("Passed").False.And.Property("Evidence").Contains("belongs to another account"));
        Assert.That(await LookAsync(Target(), Foreign), Has.Property("Passed").True.And.Property("Evidence").Contains("no longer in region"));
        Aws.User.Denied.Add("acm:DescribeCertificate");
        Assert.That(await LookAsync(Target(), arn), Has.Property("Passed").False.And.Property("Evidence").Contains("Allow acm:DescribeCertificate"));
        Assert.That((Aws.Acm.Certificates.Count, Aws.Count("acm:ImportCertificate")), Is.EqualTo((2, 1)));
    }

    [Test]
    public void What_holds_a_key_does_not_print_it()
    {
        using var pair = new TestPair(_authority);
        Assert.That($"{pair.Pair} {new AcmImport("arn", "PEM"u8.ToArray(), "PRIVATE"u8.ToArray(), null, null)}", Does.Not.Contain("PRIVATE").And.Not.Contain("BEGIN"));
    }

    private static IEnumerable<Func<FakeAwsAnswer, FakeAwsAnswer>> HalfWritten =>
        [a => a with { CutAfter = a.Body.Length / 2 }, a => a with { Body = a.Body[..(a.Body.Length / 2)] }, a => a with { Body = "{}"u8.ToArray() }];

    private static async Task<string> PutAsync(AcmImportTarget target, TestPair pair, TargetPlace place)
        => ((TargetProgress.Done)await target.PutAsync(pair.Pair, Owner, place, CancellationToken.None)).RemoteId;

    private static async Task<IssuanceException> RefusalAsync(AcmImportTarget target, TestPair pair, TargetPlace place)
        => (await Assert.ThrowsAsync<IssuanceException>(() => target.PutAsync(pair.Pair, Owner, place, CancellationToken.None)))!;

    private static async Task<ProviderCheck> LookAsync(AcmImportTarget target, string? existing, TargetKey? key = null)
    {
        var rows = await target.CheckAsync(existing, key ?? Ecdsa256, CancellationToken.None);
        Assert.That(rows, Has.Count.EqualTo(2));
        Assert.That((rows[1].Subject, rows[1].Passed), Is.EqualTo(("acm:ImportCertificate", (bool?)null)), "cannot be tried");
        return rows[0];
    }

    private static string Base64(string pem) => Convert.ToBase64String(Encoding.ASCII.GetBytes(pem));

    private AcmImportTarget Target(string? arn = null) => new(new AcmApi(new AwsJsonApi(Http, Identities, Time)), Access() with { Field = TargetField }, arn);
}

using System.Security.Cryptography;
using System.Text;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Rules;
using CertOperator.Crds.Runs;
using CertOperator.Providers.Aws;
using CertOperator.Providers.AwsAcm;
using CertOperator.Providers.Challenges;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Pki;
using CertOperator.TestSupport.Aws;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Aws;

public sealed class AcmCertificateProviderTests : AwsFixture
{
    private const string Name = "www.example.com";

    private AcmCertificateProvider Provider => new(new AcmApi(new AwsJsonApi(Http, Identities, Time)), Time);

    [TestCase("EC_prime256v1")]
    [TestCase("EC_secp384r1")]
    [TestCase("RSA_2048")]
    public async Task An_exportable_certificate_comes_with_its_key(string algorithm)
    {
        var request = Request(exportable: true, algorithm: algorithm, names: [Name, "*.example.com", "example.com"]);
        var order = await OrderAsync(request);
        Assert.That(order.Challenges!.Select(c => (c.Hostname, c.Type, c.Token, c.KeyAuthorization)), Is.EqualTo(new[] { Name, "example.com" }.Select(n => (n, ProvidersRecords.AcmDns, FakeAcmCertificate.RecordFor(n).Name.TrimEnd('.'), FakeAcmCertificate.RecordFor(n).Value.TrimEnd('.')))), "a name and its wildcard share a record");

        var issued = await FinishAsync(request, order);

        using var chain = CertificateChain.Parse(issued.ChainPem, PemLimits.Issued);
        using var key = PrivateKeyPair.FromPem(issued.PrivateKeyPem!);
        Assert.That(IssuedCertificateCheck.Check(chain, key.SubjectPublicKeyInfo, [Name, "*.example.com", "example.com"], Time.GetUtcNow()), Is.Empty);
        Assert.That(issued.ToString(), Does.Not.Contain("PRIVATE"));
        Assert.That(Aws.Requests[0].Body.ToJsonString(), Is.EqualTo(
            $$"""{"DomainName":"www.example.com","SubjectAlternativeNames":["*.example.com","example.com"],"ValidationMethod":"DNS","IdempotencyToken":"{{Token("run-1")}}","KeyAlgorithm":"{{algorithm}}","Options":{"Export":"ENABLED","CertificateTransparencyLoggingPreference":"ENABLED"},"Tags":[{"Key":"certoperator.io/run","Value":"run-1"},{"Key":"certoperator.io/policy","Value":"team-a/www"}]}"""));
    }

    [Test]
    public async Task Each_export_has_a_passphrase_of_its_own_that_ACM_takes()
    {
        var request = Request(exportable: true);
        var order = await OrderAsync(request);
        await FinishAsync(request, order);
        await FinishAsync(request, order);
        var phrases = Aws.Requests.Where(r => r.Action == "acm:ExportCertificate").Select(r => Encoding.ASCII.GetString(Convert.FromBase64String((string)r.Body["Passphrase"]!))).ToList();
        Assert.That(phrases, Has.Count.EqualTo(2).And.Unique.And.All.Matches("^[A-Za-z0-9]{43}$"));
    }

    [TestCase("pass word")]
    [TestCase("\"quotes\" and \\")]
    [TestCase("<&>'`~!@^*()[]{}|;:,.?/")]
    public void A_key_opens_with_a_passphrase_of_odd_characters(string passphrase)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var encrypted = key.ExportEncryptedPkcs8PrivateKeyPem(passphrase, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));
        using var opened = PrivateKeyPair.FromPem(AcmKeys.Open(encrypted, passphrase, "arn"));
        Assert.That(opened.SubjectPublicKeyInfo, Is.EqualTo(key.ExportSubjectPublicKeyInfo()));
        Assert.That(() => AcmKeys.Open(encrypted, passphrase + "x", "arn"), Throws.InstanceOf<IssuanceException>().With.Message.Not.Contains(passphrase));
        Assert.That(() => AcmKeys.Open("nonsense", passphrase, "arn"), Throws.InstanceOf<IssuanceException>());
    }

    [Test]
    public async Task A_key_that_stays_with_ACM_is_referred_to()
    {
        var request = Request();
        var order = await OrderAsync(request);
        var issued = await FinishAsync(request, order);
        var certificate = Aws.Acm.Certificates.Single();
        Assert.That(issued.PrivateKeyPem, Is.Null);
        Assert.That(issued.Key, Is.EqualTo(new KeyReference { Place = "aws_acm", Key = certificate.Arn, PublicKeySha256 = KeyReference.Fingerprint(certificate.Leaf!.Certificate.PublicKey.ExportSubjectPublicKeyInfo()) }));
        Assert.That((bool?)Aws.Requests[0].Body["Options"]!["Export"]!.GetValue<string>().Equals("DISABLED", StringComparison.Ordinal), Is.True);
        Assert.That(Aws.Count("acm:ExportCertificate"), Is.Zero);
    }

    [Test]
    public async Task Issuers_in_the_wrong_order_are_put_right()
    {
        Aws.Acm.ReversesChains = true;
        var request = Request(exportable: true);
        var issued = await FinishAsync(request, await OrderAsync(request));
        using var chain = CertificateChain.Parse(issued.ChainPem, PemLimits.Issued);
        using var key = PrivateKeyPair.FromPem(issued.PrivateKeyPem!);
        Assert.That(chain.Certificates, Has.Count.EqualTo(4));
        Assert.That(IssuedCertificateCheck.Check(chain, key.SubjectPublicKeyInfo, [Name], Time.GetUtcNow()), Is.Empty);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_request_whose_answer_was_lost_is_not_made_again(bool mayList)
    {
        var request = Request();
        Aws.Spoil = (r, answer) => r.Action == "acm:RequestCertificate" ? answer with { CutAfter = answer.Body.Length / 2 } : answer;
        var lost = await Assert.ThrowsAsync<IssuanceException>(() => Provider.PlaceOrderAsync(request, false, _ => false, CancellationToken.None));
        Assert.That(lost!.Failure, Is.EqualTo(IssuanceFailure.Transient));
        Aws.Spoil = (_, answer) => answer;
        if (!mayList)
        {
            Aws.User.Denied.Add("acm:ListCertificates");
        }

        var placement = await Provider.PlaceOrderAsync(request, true, _ => false, CancellationToken.None);

        Assert.That(placement.Order.Url, Is.EqualTo(Aws.Acm.Certificates.Single().Arn));
        Assert.That(Aws.Count("acm:RequestCertificate"), Is.EqualTo(mayList ? 1 : 2), "the second one has the token of the first");
    }

    [Test]
    public async Task Another_run_makes_another_request()
    {
        await Provider.PlaceOrderAsync(Request(), true, _ => false, CancellationToken.None);
        await Provider.PlaceOrderAsync(Request() with { RunUid = "run-2" }, true, _ => false, CancellationToken.None);
        Assert.That(Aws.Acm.Certificates, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task What_ACM_looks_for_is_told_until_a_person_is_needed_and_the_same_request_goes_on()
    {
        Aws.Acm.SeesRecord = (_, _) => false;
        var request = Request();
        var order = await OrderAsync(request);
        var session = new OrderSession(order);
        var waits = new List<TimeSpan>();
        for (var i = 0; i < 7; i++)
        {
            var pending = (IssuanceProgress.Pending)await Provider.SolveAsync(request, session, CancellationToken.None);
            Assert.That(pending.Message, Does.Contain($"CNAME {FakeAcmCertificate.RecordFor(Name).Name} to {FakeAcmCertificate.RecordFor(Name).Value}"));
            waits.Add(pending.RetryAfter);
        }

        Assert.That(waits.Select(w => w.TotalSeconds), Is.EqualTo(new double[] { 1, 2, 4, 8, 16, 30, 30 }));
        Time.Advance(TimeSpan.FromHours(3) + TimeSpan.FromSeconds(1));
        var refusal = await SolveRefusalAsync(request, session);
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, AcmReasons.ValidationPending)));

        Aws.Acm.SeesRecord = (_, _) => true;
        Assert.That(await Provider.SolveAsync(request, new OrderSession(order), CancellationToken.None), Is.InstanceOf<IssuanceProgress.Done>());
        Assert.That(Aws.Count("acm:RequestCertificate"), Is.EqualTo(1));
    }

    [TestCase(false, "PENDING_VALIDATION")]
    [TestCase(true, "PENDING_VALIDATION")]
    [TestCase(true, "ISSUED")]
    public async Task A_request_that_an_earlier_run_gave_up_waiting_for_is_taken_over(bool exportable, string status)
    {
        Aws.Acm.SeesRecord = (_, _) => false;
        var earlier = await OrderAsync(Request(exportable), proven: false);
        Time.Advance(TimeSpan.FromHours(4));
        if (status == "ISSUED")
        {
            Aws.Acm.Issue(Aws.Acm.Certificates.Single());
        }

        var next = Request(exportable) with { RunUid = "run-2", UnfinishedOrder = earlier.Url, StartedAt = Time.GetUtcNow() };

        var order = await OrderAsync(next, proven: false);
        Assert.That((order.Url, Aws.Count("acm:RequestCertificate")), Is.EqualTo((earlier.Url, 1)));
        Assert.That(order.Challenges, status == "ISSUED" ? Is.Empty : Is.EqualTo(earlier.Challenges));
        if (status != "ISSUED")
        {
            Assert.That(await Provider.SolveAsync(next, new OrderSession(order), CancellationToken.None), Is.InstanceOf<IssuanceProgress.Pending>(), "the patience begins anew");
        }

        Aws.Acm.SeesRecord = (_, _) => true;
        await FinishAsync(next, order);
        Assert.That(Aws.Acm.Certificates, Has.Count.EqualTo(1));
    }

    [TestCase("PENDING_VALIDATION", true)]
    [TestCase("ISSUED", true)]
    [TestCase("PENDING_VALIDATION", false)]
    public async Task A_request_of_a_run_that_ended_before_it_knew_the_ARN_is_taken_over_by_the_next(string status, bool mayList)
    {
        Aws.Spoil = (r, answer) => r.Action == "acm:RequestCertificate" ? answer with { CutAfter = answer.Body.Length / 2 } : answer;
        await Assert.ThrowsAsync<IssuanceException>(() => Provider.PlaceOrderAsync(Request(), false, _ => false, CancellationToken.None));
        Aws.Spoil = (_, answer) => answer;
        var lost = Aws.Acm.Certificates.Single();
        lost.Status = status;
        if (status == "ISSUED")
        {
            Aws.Acm.Issue(lost);
        }

        if (!mayList)
        {
            Aws.User.Denied.Add("acm:ListCertificates");
        }

        var next = Request() with { RunUid = "run-3", LostRuns = ["run-2", "run-1"] };
        var placement = await Provider.PlaceOrderAsync(next, false, _ => false, CancellationToken.None);

        Assert.That(placement.Order.Url, mayList ? Is.EqualTo(lost.Arn) : Is.Not.EqualTo(lost.Arn), "who may not list loses it");
        Assert.That((Aws.Acm.Certificates.Count, Aws.Count("acm:RequestCertificate")), Is.EqualTo(mayList ? (1, 1) : (2, 2)));
    }

    [TestCase("names")]
    [TestCase("key")]
    [TestCase("export")]
    [TestCase("another run")]
    public async Task What_a_run_lost_is_not_taken_over_where_it_would_not_do(string other)
    {
        await Provider.PlaceOrderAsync(Request(exportable: true), false, _ => false, CancellationToken.None);
        var next = Request(exportable: other != "export", algorithm: other == "key" ? "RSA_2048" : "EC_prime256v1", names: other == "names" ? [Name, "more.example.com"] : null)
            with
        { RunUid = "run-2", LostRuns = [other == "another run" ? "run-0" : "run-1"] };
        await Provider.PlaceOrderAsync(next, false, _ => false, CancellationToken.None);
        Assert.That(Aws.Acm.Certificates, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task The_certificate_in_use_is_no_request_that_was_given_up()
    {
        var certificate = Aws.Acm.Add([Name]);
        certificate.IsEligible = false;
        var placement = await Provider.PlaceOrderAsync(Request() with { InUse = FingerprintOf(certificate), InUseOrder = certificate.Arn, UnfinishedOrder = certificate.Arn }, false, _ => false, CancellationToken.None);
        Assert.That(placement.Order.Url, Is.Not.EqualTo(certificate.Arn), "nobody renews that one");
    }

    [TestCase("names")]
    [TestCase("key")]
    [TestCase("export")]
    [TestCase("status")]
    [TestCase("region")]
    [TestCase("gone")]
    [TestCase("another CA")]
    public async Task What_an_earlier_run_requested_is_not_taken_over_where_it_would_not_do(string other)
    {
        var earlier = await OrderAsync(Request(exportable: true), proven: false);
        Aws.Acm.Certificates.Single().Status = other == "status" ? "VALIDATION_TIMED_OUT" : "PENDING_VALIDATION";
        var url = other switch
        {
            "region" => earlier.Url!.Replace(FakeAws.Region, "us-east-1", StringComparison.Ordinal),
            "gone" => earlier.Url![..^1] + (earlier.Url.EndsWith('0') ? "1" : "0"),
            "another CA" => "https://ca.example.com/order/1",
            _ => earlier.Url!,
        };
        var next = Request(exportable: other != "export", algorithm: other == "key" ? "RSA_2048" : "EC_prime256v1", names: other == "names" ? [Name, "more.example.com"] : null) with { RunUid = "run-2", UnfinishedOrder = url };
        var placement = await Provider.PlaceOrderAsync(next, false, _ => false, CancellationToken.None);
        Assert.That(placement.Order.Url, Is.Not.EqualTo(earlier.Url));
        Assert.That(Aws.Acm.Certificates, Has.Count.EqualTo(2));
    }

    [TestCase("VALIDATION_TIMED_OUT", null, AcmReasons.ValidationTimedOut, IssuanceFailure.Failed, "within 72 hours")]
    [TestCase("FAILED", "CAA_ERROR", AcmReasons.RequestFailed, IssuanceFailure.Failed, "CAA 0 issue \"amazon.com\"")]
    [TestCase("FAILED", "ADDITIONAL_VERIFICATION_REQUIRED", AcmReasons.RequestFailed, IssuanceFailure.Failed, "AWS Support")]
    [TestCase("FAILED", "DOMAIN_NOT_ALLOWED", AcmReasons.RequestFailed, IssuanceFailure.Failed, "unsafe")]
    [TestCase("FAILED", "OTHER", AcmReasons.RequestFailed, IssuanceFailure.Failed, "user guide")]
    [TestCase("REVOKED", null, AcmReasons.CertificateNotUsable, IssuanceFailure.NeedsManual, "REVOKED")]
    public async Task A_request_that_ends_badly_says_why(string status, string? why, string reason, IssuanceFailure failure, string words)
    {
        var request = Request();
        var order = await OrderAsync(request, proven: false);
        var certificate = Aws.Acm.Certificates.Single();
        (certificate.Status, certificate.FailureReason) = (status, why);
        var refusal = await SolveRefusalAsync(request, new OrderSession(order));
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((failure, reason)));
        Assert.That(refusal.Message, Does.Contain(certificate.Arn).And.Contain(words));
    }

    [Test]
    public async Task A_quota_that_is_used_up_is_named()
    {
        Aws.Acm.Quota = 0;
        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => Provider.PlaceOrderAsync(Request(), false, _ => false, CancellationToken.None));
        Assert.That((refusal!.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.Failed, AwsReasons.QuotaExceeded)));
        Assert.That(refusal.Message, Does.Contain("you have reached your limit").And.Contain("Service Quotas"));
    }

    [Test]
    public async Task Thirty_seconds_of_throttling_pass_within_the_tries_of_a_step()
    {
        var end = Time.GetUtcNow() + TimeSpan.FromSeconds(30);
        Aws.Intercept = _ => Time.GetUtcNow() < end ? FakeAwsAnswer.Error("ThrottlingException", "Rate exceeded") : null;
        var tries = 0;
        OrderPlacement? placement = null;
        while (placement is null)
        {
            try
            {
                placement = await Provider.PlaceOrderAsync(Request(), tries > 0, _ => false, CancellationToken.None);
            }
            catch (IssuanceException e) when (e is { Failure: IssuanceFailure.Transient, Reason: IssuanceReasons.RateLimited })
            {
                Time.Advance(StepBackoff.Delay(++tries, "run"));
            }
        }

        Assert.That(tries, Is.LessThan(8));
        Assert.That(Aws.Acm.Certificates, Has.Count.EqualTo(1));
    }

    [TestCase("acm:RequestCertificate")]
    [TestCase("acm:DescribeCertificate")]
    [TestCase("acm:ExportCertificate")]
    public async Task A_half_written_answer_is_asked_for_again(string action)
    {
        foreach (var spoil in new Func<FakeAwsAnswer, FakeAwsAnswer>[] { a => a with { CutAfter = a.Body.Length / 2 }, a => a with { Body = a.Body[..(a.Body.Length / 2)] }, a => a with { Body = "{}"u8.ToArray() } })
        {
            Aws.Spoil = (request, answer) => request.Action == action ? spoil(answer) : answer;
            var refusal = await Assert.ThrowsAsync<IssuanceException>(async () => await FinishAsync(Request(exportable: true), await OrderAsync(Request(exportable: true))));
            Assert.That(refusal!.Failure, Is.EqualTo(IssuanceFailure.Transient), refusal.Message);
        }

        Assert.That(Aws.Acm.Certificates, Has.Count.EqualTo(1), "one run, one certificate");
    }

    [TestCase("acm:RequestCertificate")]
    [TestCase("acm:DescribeCertificate")]
    [TestCase("acm:ExportCertificate")]
    public async Task A_right_that_is_missing_is_named(string action)
    {
        Aws.User.Denied.Add(action);
        var refusal = await Assert.ThrowsAsync<IssuanceException>(async () => await FinishAsync(Request(exportable: true), await OrderAsync(Request(exportable: true))));
        Assert.That((refusal!.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, AwsReasons.AccessDenied)));
        Assert.That(refusal.Message, Does.Contain($"Allow {action} on"));
    }

    [Test]
    public async Task A_certificate_that_ACM_has_renewed_already_is_taken()
    {
        var certificate = Aws.Acm.Add([Name], exportable: true);
        var before = FingerprintOf(certificate);
        Aws.Acm.Issue(certificate);
        var request = Request(exportable: true, arn: certificate.Arn) with { InUse = before };
        var issued = await FinishAsync(request, await OrderAsync(request));
        using var chain = CertificateChain.Parse(issued.ChainPem, PemLimits.Issued);
        Assert.That(chain.Facts.Fingerprint, Is.EqualTo(FingerprintOf(certificate)));
        Assert.That((Aws.Count("acm:RenewCertificate"), Aws.Count("acm:RequestCertificate")), Is.EqualTo((0, 0)));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task The_certificate_in_use_is_renewed_under_its_ARN(bool named)
    {
        var certificate = Aws.Acm.Add([Name], exportable: true);
        var request = Request(exportable: true, arn: named ? certificate.Arn : null) with { InUse = FingerprintOf(certificate), InUseOrder = named ? null : certificate.Arn };
        var order = await OrderAsync(request);
        var session = new OrderSession(order);
        Assert.That(order.Url, Is.EqualTo(certificate.Arn));
        Assert.That(await Provider.SolveAsync(request, session, CancellationToken.None), Is.InstanceOf<IssuanceProgress.Pending>());
        Assert.That(await Provider.SolveAsync(request, new OrderSession(order), CancellationToken.None), Is.InstanceOf<IssuanceProgress.Pending>(), "after a restart");
        Assert.That(await Provider.SolveAsync(request, session, CancellationToken.None), Is.InstanceOf<IssuanceProgress.Done>());
        var issued = await FinishAsync(request, order);
        using var chain = CertificateChain.Parse(issued.ChainPem, PemLimits.Issued);
        Assert.That(chain.Facts.Fingerprint, Is.Not.EqualTo(request.InUse));
        Assert.That((Aws.Acm.Certificates.Count, Aws.Count("acm:RequestCertificate")), Is.EqualTo((1, 0)));
    }

    [Test]
    public async Task A_certificate_that_ACM_does_not_renew_is_replaced_where_the_policy_names_none()
    {
        var certificate = Aws.Acm.Add([Name]);
        certificate.IsEligible = false;
        var placement = await Provider.PlaceOrderAsync(Request() with { InUse = FingerprintOf(certificate), InUseOrder = certificate.Arn }, false, _ => false, CancellationToken.None);
        Assert.That(placement.Order.Url, Is.Not.EqualTo(certificate.Arn));

        var named = Request(arn: certificate.Arn) with { InUse = FingerprintOf(certificate) };
        var refusal = await SolveRefusalAsync(named, new OrderSession(await OrderAsync(named)));
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, AcmReasons.NotEligibleForRenewal)));
    }

    [Test]
    public async Task A_renewal_that_wants_proof_again_gets_its_records()
    {
        var certificate = Aws.Acm.Add([Name], exportable: true);
        var request = Request(exportable: true, arn: certificate.Arn) with { InUse = FingerprintOf(certificate) };
        var session = new OrderSession(await OrderAsync(request));
        Aws.Acm.SeesRecord = (_, _) => false;
        certificate.RenewalStatus = "PENDING_VALIDATION";
        Assert.That(await Provider.SolveAsync(request, session, CancellationToken.None), Is.InstanceOf<IssuanceProgress.OrderGone>());
        Assert.That((await OrderAsync(request)).Challenges!.Single().Token, Is.EqualTo(FakeAcmCertificate.RecordFor(Name).Name.TrimEnd('.')));
    }

    [Test]
    public async Task A_named_certificate_that_does_not_fit_is_explained()
    {
        var other = Aws.Acm.Add(["other.example.com"]);
        Assert.That((await PrepareRefusalAsync(Request(arn: other.Arn))).Reason, Is.EqualTo(AcmReasons.CertificateDoesNotFit));
        var kept = Aws.Acm.Add([Name]);
        Assert.That((await PrepareRefusalAsync(Request(exportable: true, arn: kept.Arn))).Reason, Is.EqualTo(AcmReasons.NotExportable));
        var imported = Aws.Acm.Add([Name], type: "IMPORTED");
        Assert.That((await PrepareRefusalAsync(Request(arn: imported.Arn))).Message, Does.Contain("was imported: ACM does not renew it"));
        var elsewhere = await PrepareRefusalAsync(Request(arn: $"arn:aws:acm:{FakeAws.Region}:{FakeAws.OtherAccount}:certificate/{Guid.NewGuid()}"));
        Assert.That((elsewhere.Failure, elsewhere.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, AcmReasons.CertificateNotFound)));
        Assert.That(elsewhere.Message, Does.Contain("belongs to another account").And.Contain($"{Field}.certificateArn"));
    }

    [Test]
    public async Task A_role_whose_rights_run_out_in_the_middle_of_a_run_is_assumed_again()
    {
        var request = Request(roleArn: Aws.Sts.AddRole("issuer", externalId: Namespace));
        var order = await OrderAsync(request);
        Aws.Sts.Sessions.Single().IsExpired = true;
        var refusal = await SolveRefusalAsync(request, new OrderSession(order));
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.Transient, AwsReasons.CredentialsExpired)));
        Assert.That(await Provider.SolveAsync(request, new OrderSession(order), CancellationToken.None), Is.InstanceOf<IssuanceProgress.Done>());
        Assert.That(Aws.Count("acm:RequestCertificate"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_certificate_that_was_deleted_is_an_order_that_is_gone()
    {
        var request = Request();
        var order = await OrderAsync(request);
        await Provider.CancelAsync(request, order, CancellationToken.None);
        Assert.That(Aws.Count("acm:DeleteCertificate"), Is.Zero, "it is issued, and may be in use");
        Assert.That(await Provider.FindOrderAsync(request, $"arn:aws:acm:{FakeAws.Region}:{FakeAws.Account}:certificate/gone", CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task What_is_given_up_before_it_was_proven_is_deleted()
    {
        Aws.Acm.SeesRecord = (_, _) => false;
        var request = Request();
        var order = await OrderAsync(request);
        await Provider.CancelAsync(request, order, CancellationToken.None);
        Assert.That(Aws.Acm.Certificates, Is.Empty);
    }

    [Test]
    public async Task A_dry_run_changes_nothing()
    {
        var rows = await Provider.CheckAsync(Request(exportable: true), CancellationToken.None);
        Assert.That(rows.Select(r => (r.Subject, r.Passed)), Is.EqualTo(new (string?, bool?)[] { ("acm:ListCertificates", true), ("acm:RequestCertificate", null), ("acm:AddTagsToCertificate", null), ("acm:DescribeCertificate", null), ("acm:ExportCertificate", null) }));
        Assert.That(Aws.Acm.Certificates, Is.Empty);
        Aws.User.Denied.Add("acm:ListCertificates");
        Assert.That((await Provider.CheckAsync(Request(), CancellationToken.None))[0].Passed, Is.False);
    }

    [Test]
    public async Task A_dry_run_says_whether_the_certificate_in_use_would_be_renewed_or_another_one_requested()
    {
        var inUse = Aws.Acm.Add([Name], exportable: true);
        var request = Request(exportable: true) with { InUseOrder = inUse.Arn };
        var rows = await Provider.CheckAsync(request, CancellationToken.None);
        Assert.That(rows[0], Is.EqualTo(new ProviderCheck("Permission", "acm:DescribeCertificate", true, $"{inUse.Arn} is there; a live run would have it renewed.")));
        Assert.That(rows.Skip(1).Select(r => (r.Subject, r.Passed)), Is.EqualTo(new (string?, bool?)[] { ("acm:RenewCertificate", null), ("acm:ExportCertificate", null) }));

        (string, IssuanceRequest)[] others =
        [
            ($"The key of {inUse.Arn} is EC_prime256v1, and spec.key asks for RSA_2048.", Request(exportable: true, algorithm: "RSA_2048")),
            ($"The key of {inUse.Arn} is EC_prime256v1, and spec.key asks for RSA_2048.", Request(algorithm: "RSA_2048")),
            ($"{inUse.Arn} is for other names than the policy", Request(exportable: true, names: [Name, "more.example.com"])),
        ];
        foreach (var (words, other) in others)
        {
            rows = await Provider.CheckAsync(other with { InUseOrder = inUse.Arn }, CancellationToken.None);
            Assert.That(rows[0].Evidence, Does.Contain(words).And.EndsWith("A live run would leave it as it is and request another certificate, with an ARN of its own."));
            Assert.That(rows.Select(r => r.Subject), Does.Contain("acm:RequestCertificate"));
        }

        Aws.User.Denied.Add("acm:DescribeCertificate");
        Assert.That((await Provider.CheckAsync(request, CancellationToken.None))[0], Has.Property("Passed").False.And.Property("Evidence").Contains("Allow acm:DescribeCertificate"));
        Assert.That((Aws.Acm.Certificates.Count, Aws.Count("acm:RenewCertificate")), Is.EqualTo((1, 0)));
    }

    private static string Token(string run) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(run)))[..32];

    private static string FingerprintOf(FakeAcmCertificate certificate) => Convert.ToHexStringLower(SHA256.HashData(certificate.Leaf!.Certificate.RawData));

    private IssuanceRequest Request(bool exportable = false, string? arn = null, string algorithm = "EC_prime256v1", string? roleArn = null, IReadOnlyList<string>? names = null)
        => new()
        {
            Issuer = new AwsAcmIssuer { Field = Field, Server = Aws.Address, Access = Access(roleArn: roleArn), CertificateArn = arn, Exportable = exportable, KeyAlgorithm = algorithm },
            RunUid = "run-1",
            Owner = "team-a/www",
            Names = names ?? [Name],
            Challenge = ChallengeKind.Dns01,
        };

    /// <summary>Places an order and asks until it is known what is to be proven.</summary>
    private async Task<RunOrder> OrderAsync(IssuanceRequest request, bool proven = true)
    {
        var sees = Aws.Acm.SeesRecord;
        Aws.Acm.SeesRecord = (_, _) => false;
        var placement = await Provider.PlaceOrderAsync(request, false, _ => false, CancellationToken.None);
        for (var i = 0; placement.Pending is not null; i++)
        {
            Assert.That(i, Is.LessThan(3));
            placement = (await Provider.FindOrderAsync(request, placement.Order.Url!, CancellationToken.None))!;
        }

        Aws.Acm.SeesRecord = proven ? sees : (_, _) => false;
        return placement.Order;
    }

    private async Task<IssuanceProgress.Issued> FinishAsync(IssuanceRequest request, RunOrder order)
    {
        var session = new OrderSession(order);
        Assert.That(await Provider.SolveAsync(request, session, CancellationToken.None), Is.InstanceOf<IssuanceProgress.Done>());
        return (IssuanceProgress.Issued)await Provider.FinalizeAsync(request, session, _ => throw new InvalidOperationException("There is no CSR."), CancellationToken.None);
    }

    private async Task<IssuanceException> SolveRefusalAsync(IssuanceRequest request, OrderSession session)
        => (await Assert.ThrowsAsync<IssuanceException>(() => Provider.SolveAsync(request, session, CancellationToken.None)))!;

    private async Task<IssuanceException> PrepareRefusalAsync(IssuanceRequest request)
        => (await Assert.ThrowsAsync<IssuanceException>(() => Provider.PrepareAsync(request, CancellationToken.None)))!;
}

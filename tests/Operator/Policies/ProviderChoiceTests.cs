using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Policies;

public sealed class ProviderChoiceTests
{
    private static readonly PolicySpec Both = A.Spec with
    {
        AllowedProviders = [CertificateProviderKind.LetsEncrypt, CertificateProviderKind.Acme],
        ProviderConfig = A.Spec.ProviderConfig! with { Letsencrypt = new AcmeConfig { Email = "ops@example.com" } },
    };

    [TestCase(null, CertificateProviderKind.Acme)]
    [TestCase(2, CertificateProviderKind.Acme)]
    [TestCase(3, CertificateProviderKind.LetsEncrypt)]
    [TestCase(5, CertificateProviderKind.LetsEncrypt)]
    [TestCase(6, CertificateProviderKind.Acme)]
    public void Every_three_failures_another_provider_has_its_turn(int? failures, CertificateProviderKind expected)
    {
        Assert.That(ProviderChoice.Of(Both, failures), Is.EqualTo(expected));
        Assert.That(ProviderChoice.Of(A.Spec, failures), Is.EqualTo(CertificateProviderKind.Acme), "without a choice");
        Assert.That(ProviderChoice.Note(new PolicyStatus { IssuanceFailures = failures, Provider = CertificateProviderKind.Acme }, Both).Provider, Is.EqualTo(expected == CertificateProviderKind.Acme ? (CertificateProviderKind?)null : expected));
    }

    [Test]
    public void Each_provider_has_settings_of_its_own_and_the_certificate_of_either_is_good()
    {
        ResolvedPolicy acme = PolicyResolver.Resolve(A.Policy(Both), null).Policy!;
        ResolvedPolicy letsEncrypt = PolicyResolver.Resolve(A.Policy(Both), null, CertificateProviderKind.LetsEncrypt).Policy!;
        Assert.That((acme.Issuer.Server.AbsoluteUri, acme.Acme().Email), Is.EqualTo((A.Server, (string?)null)));
        Assert.That((letsEncrypt.Issuer.Server, letsEncrypt.Acme().Email), Is.EqualTo((PolicyResolver.LetsEncrypt, "ops@example.com")));
        SecretFinding.Present present = A.Present(issuedFrom: PolicyResolver.LetsEncrypt.AbsoluteUri);
        Assert.That(RenewalNeeds.From(present, "f1", acme, null, A.Now), Is.Null);
        Assert.That(RenewalNeeds.From(present, "f1", A.Resolved(), null, A.Now)!.Reason, Is.EqualTo(PolicyReasons.IncorrectIssuer), "where only the one is allowed");
    }

    [Test]
    public void A_provider_that_the_policy_does_not_allow_is_refused()
    {
        PolicyResolution resolution = PolicyResolver.Resolve(A.Policy(), null, CertificateProviderKind.LetsEncrypt);
        Assert.That(resolution.Problems.Select(p => p.Message), Has.Some.Contains("spec.allowedProviders"));
    }

    [Test]
    public void What_is_wrong_with_the_second_provider_is_said_before_it_is_needed()
    {
        PolicySpec spec = A.Spec with { Provider = CertificateProviderKind.LetsEncrypt, AllowedProviders = [CertificateProviderKind.Acme], ProviderConfig = null };
        Assert.That(PolicyResolver.Resolve(A.Policy(spec), null).Problems.Select(p => p.Message), Has.Some.Contains("spec.providerConfig.acme.server is missing"));
    }

    [Test]
    public void A_wait_that_one_CA_asks_for_does_not_hold_up_the_next()
    {
        CertificateRenewalRun run = A.Finished(RunPhase.Failed, A.Now);
        run.Status = run.Status! with { RetryAt = A.Now.AddDays(1) };
        PolicyStatus third = PolicyAccounting.Account(new PolicyStatus { IssuanceFailures = 2 }, run, A.Policy(Both), new Uri(A.Server), A.Now);
        PolicyStatus second = PolicyAccounting.Account(new PolicyStatus { IssuanceFailures = 1 }, run, A.Policy(Both), new Uri(A.Server), A.Now);
        Assert.That(third.NextAttemptTime, Is.LessThan(A.Now.AddHours(1)));
        Assert.That(second.NextAttemptTime, Is.EqualTo(A.Now.AddDays(1)));
    }
}

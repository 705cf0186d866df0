using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Operator.Incidents;
using CertOperator.Operator.Telemetry;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Telemetry;

public sealed class PolicyMetricsSourceTests
{
    [Test]
    public void A_renewal_is_due_since_the_first_window_that_was_missed()
    {
        Assert.That(Read(A.Policy(status: new PolicyStatus { RenewalTime = A.Now })).RenewalTime, Is.EqualTo(A.Now));
        Assert.That(Read(A.Policy(status: new PolicyStatus { RenewalTime = A.Now.AddDays(1), RenewalDue = A.Now })).RenewalTime, Is.EqualTo(A.Now));
    }

    [Test]
    public void A_policy_that_cannot_be_carried_out_says_why()
    {
        PolicyStatus Status(string status) => new() { Conditions = [new Condition { Type = "Stalled", Status = status, Reason = "MissingSecret" }] };
        Assert.That((Read(A.Policy()).Stalled, Read(A.Policy(status: Status("False"))).Stalled, Read(A.Policy(status: Status("True"))).Stalled), Is.EqualTo(((string?)null, (string?)null, "MissingSecret")));
    }

    [TestCaseSource(nameof(Policies))]
    public bool Renewal_is_automatic_unless_a_person_has_to_do_something(CertificateRenewalPolicy policy) => Read(policy).AutomaticRenewal;

    private static PolicyMetrics Read(CertificateRenewalPolicy policy)
    {
        var policies = new ObjectStore<CertificateRenewalPolicy>();
        policies.Observe(policy);
        var settings = new ObjectStore<CertificateRenewalSettings>();
        settings.Observe(new CertificateRenewalSettings
        {
            Metadata = new ObjectMeta { Name = CertificateRenewalSettings.DefaultName, Namespace = "shop", ResourceVersion = "1" },
            Spec = new SettingsSpec { Defaults = [new PolicyDefaults { Provider = CertificateProviderKind.Manual }] },
        });
        var stores = new ResourceStores(policies, new ObjectStore<CertificateRenewalRun>(), settings, new ObjectStore<CertificateRenewalBatch>());

        return new PolicyMetricsSource(stores).Read().Single();
    }

    public static IEnumerable<TestCaseData> Policies()
    {
        yield return Case("a plain policy", A.Policy(), true);
        yield return Case("provider manual", A.Policy(A.Spec with { Provider = CertificateProviderKind.Manual }), false);
        yield return Case("provider manual by default", A.Policy(A.Spec with { Provider = null }), false);
        yield return Case("suspended", A.Policy(A.Spec with { Suspend = true }), false);
        yield return Case("only rehearses", A.Policy(A.Spec with { DryRunDefault = true }), false);
        yield return Case("rolled back", A.Policy(status: new PolicyStatus { Rollback = new RollbackStatus { RequestedAt = "1", Fingerprint = "f1" } }), false);
        yield return Case("a rollback that was refused", A.Policy(status: new PolicyStatus { Rollback = new RollbackStatus { RequestedAt = "1", Refused = "There is none." } }), true);
    }

    [Test]
    public void Receivers_that_have_failed_or_were_given_up_count_until_they_have_taken_the_latest_news()
    {
        var incident = new IncidentStatus
        {
            Revision = 2,
            Deliveries =
            [
                new IncidentDelivery { Sink = "pagerDuty", Revision = 2 },
                new IncidentDelivery { Sink = "webhook/ops", Revision = 1, Attempts = 3 },
                new IncidentDelivery { Sink = "slack", DeadLetter = true },
                new IncidentDelivery { Sink = "email/a@example.com" },
                new IncidentDelivery { Sink = "email/b@example.com", Attempts = 1 },
            ],
        };

        Assert.That(IncidentDeliveries.Undelivered(incident), Is.EqualTo(new[] { IncidentSinkKinds.Webhook, IncidentSinkKinds.Slack, IncidentSinkKinds.Email }));
    }

    private static TestCaseData Case(string what, CertificateRenewalPolicy policy, bool automatic)
        => new TestCaseData(policy).SetArgDisplayNames(what).Returns(automatic);
}

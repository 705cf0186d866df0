using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests;

public sealed class LeadersWorkTests
{
    [TestCase(8, null, 0, TestName = "A_certificate_that_is_overdue_has_time")]
    [TestCase(7, null, 1, TestName = "A_certificate_near_its_end_is_looked_at_although_nothing_happens")]
    [TestCase(7, IncidentCause.RenewalFailed, 1, TestName = "A_certificate_near_its_end_is_looked_at_when_only_its_failures_were_told_of")]
    [TestCase(7, IncidentCause.CertificateExpiring, 0, TestName = "A_certificate_whose_end_was_told_of_is_left_alone")]
    public void Sweep(int daysLeft, IncidentCause? told, int looks)
    {
        var policies = new ObjectStore<CertificateRenewalPolicy>();
        policies.Observe(A.Policy(status: new PolicyStatus
        {
            NotAfter = A.Now.AddDays(daysLeft),
            RenewalTime = A.Now.AddHours(2),
            RenewalDue = A.Now.AddDays(daysLeft - 30),
            Incident = told is { } cause ? new IncidentStatus { Cause = cause } : null,
        }));
        var queues = new Queues(TimeProvider.System, new Random(1));
        var stores = new ResourceStores(policies, new ObjectStore<CertificateRenewalRun>(), new ObjectStore<CertificateRenewalSettings>(), new ObjectStore<CertificateRenewalBatch>());

        new LeadersWork([], queues, stores).EnqueueDue(A.Now);

        Assert.That(queues.Incidents.Depth, Is.EqualTo(looks));
    }
}

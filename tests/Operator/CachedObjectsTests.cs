using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests;

public sealed class CachedObjectsTests
{
    private readonly CachedObjects _kept = new();

    [Test]
    public void Policies_with_equal_bundles_and_conditions_share_them()
    {
        var one = _kept.Trim(Policy());
        var other = _kept.Trim(Policy());

        Assert.Multiple(() =>
        {
            Assert.That(other.Spec.ProviderConfig!.Acme!.CaBundle, Is.SameAs(one.Spec.ProviderConfig!.Acme!.CaBundle));
            Assert.That(other.Status!.Conditions![0].Message, Is.SameAs(one.Status!.Conditions![0].Message));
        });
    }

    [Test]
    public void A_policy_keeps_all_that_decisions_rest_on()
    {
        var policy = _kept.Trim(Policy());

        Assert.Multiple(() =>
        {
            Assert.That(policy.Spec.ProviderConfig!.Acme!.CaBundle, Is.EqualTo(Policy().Spec.ProviderConfig!.Acme!.CaBundle));
            Assert.That(policy.Spec.ProviderConfig.Acme.Email, Is.EqualTo("ops@example.com"));
            Assert.That(policy.Metadata.Annotations, Is.EqualTo(new Dictionary<string, string> { ["certoperator.io/renew-requested-at"] = "now" }));
            Assert.That(policy.Status!.NotAfter, Is.EqualTo(A.Now.AddDays(30)));
        });
    }

    [Test]
    public void A_finished_run_is_kept_without_its_story()
    {
        var run = _kept.Trim(A.Run(Status(RunPhase.Succeeded)));

        Assert.Multiple(() =>
        {
            Assert.That(run.Status!.Steps, Is.Null);
            Assert.That(run.Status.Log, Is.Null);
            Assert.That(run.Status.Certificate, Is.Not.Null);
            Assert.That(run.Status.FinishedAt, Is.EqualTo(A.Now));
        });
    }

    [Test]
    public void What_targets_are_known_by_is_kept_of_a_finished_run()
    {
        var rows = new[] { new TargetUpload { Target = "aws_acm eu-central-1", RemoteId = "arn" } };
        var run = _kept.Trim(A.Run(Status(RunPhase.Succeeded) with { Deploy = new RunDeployment { Targets = rows, Webhooks = [new WebhookDelivery { Id = "1" }] } }));

        Assert.That((run.Status!.Deploy!.Targets, run.Status.Deploy.Webhooks), Is.EqualTo((rows, (IReadOnlyList<WebhookDelivery>?)null)));
    }

    [Test]
    public void A_run_in_progress_is_kept_whole()
    {
        var status = Status(RunPhase.Running);

        Assert.That(_kept.Trim(A.Run(status)).Status, Is.EqualTo(status));
    }

    [Test]
    public void Shared_strings_are_forgotten_rather_than_piled_up()
    {
        var strings = new SharedStrings();
        var first = strings.Share(new string('a', 600_000));
        strings.Share(new string('b', 600_000));

        var again = strings.Share(new string('a', 600_000));

        Assert.Multiple(() =>
        {
            Assert.That(again, Is.EqualTo(first));
            Assert.That(again, Is.Not.SameAs(first));
        });
    }

    private static CertificateRenewalPolicy Policy()
        => A.Policy(
            A.Spec with { ProviderConfig = new ProviderConfig { Acme = new AcmeConfig { Server = A.Server, Email = "ops@example.com", CaBundle = new string('x', 1000) } } },
            new PolicyStatus
            {
                NotAfter = A.Now.AddDays(30),
                Conditions = [new Condition { Type = "Ready", Status = "True", Reason = "Ready", Message = new string('y', 10) }],
            },
            new Dictionary<string, string> { ["certoperator.io/renew-requested-at"] = "now", ["kubectl.kubernetes.io/last-applied-configuration"] = "{}" });

    private static RunStatus Status(RunPhase phase)
        => new()
        {
            Phase = phase,
            FinishedAt = A.Now,
            Certificate = A.Certificate(),
            Steps = [new RunStep { Name = StepName.Preflight, State = StepState.Done }],
            Log = [new RunLogLine { Time = A.Now, Message = "Run started." }],
        };
}

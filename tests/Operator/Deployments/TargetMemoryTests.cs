using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Deployments;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Deployments;

public sealed class TargetMemoryTests
{
    private static readonly TargetState Known = new() { Target = "a", RemoteId = "arn-1", Fingerprint = "f1", UploadedAt = A.Now.AddDays(-60) };

    [Test]
    public void Where_nothing_ever_happened_nothing_is_remembered()
    {
        Assert.That(TargetMemory.Of(null, []), Is.Null);
        Assert.That(TargetMemory.With(null, [new TargetUpload { Target = "a", Message = "Access denied." }]), Is.Null);
    }

    [Test]
    public void An_upload_replaces_what_was_known_of_that_target_alone()
    {
        var other = Known with { Target = "b", RemoteId = "arn-2" };
        Assert.That(TargetMemory.With([Known, other], [Done("a", "arn-1", "f2")]), Is.EqualTo(new[] { other, new TargetState { Target = "a", RemoteId = "arn-1", Fingerprint = "f2", UploadedAt = A.Now } }));
    }

    [Test]
    public void The_same_pair_found_again_keeps_its_time()
        => Assert.That(TargetMemory.With([Known], [Done("a", "arn-1", "f1")]), Is.EqualTo(new[] { Known }));

    [Test]
    public void After_a_try_that_failed_it_is_not_known_what_is_there()
        => Assert.That(TargetMemory.With([Known], [new TargetUpload { Target = "a", RemoteId = "arn-1", Message = "No whole answer." }]), Is.EqualTo(new[] { new TargetState { Target = "a", RemoteId = "arn-1" } }));

    [Test]
    public void Something_that_may_have_been_made_is_remembered()
        => Assert.That(TargetMemory.With(null, [new TargetUpload { Target = "a", StartedAt = A.Now }]), Is.EqualTo(new[] { new TargetState { Target = "a" } }));

    [Test]
    public void Runs_count_from_where_the_status_ends()
    {
        var status = new PolicyStatus { LastFinishedRun = new AccountedRun { Name = "www-2", FinishedAt = A.Now.AddHours(-2) }, Targets = [Known] };
        var runs = new[] { Run("www-4", A.Now, "f4"), Run("www-1", A.Now.AddHours(-3), "f0"), Run("www-3", A.Now.AddHours(-1), "f3") };
        Assert.That(TargetMemory.Of(status, runs)!.Single().Fingerprint, Is.EqualTo("f4"));
        Assert.That(TargetMemory.Of(status, [runs[1]])!.Single(), Is.EqualTo(Known), "that is in the status already");
        Assert.That(TargetMemory.Of(null, [runs[1]])!.Single().Fingerprint, Is.EqualTo("f0"));
    }

    [Test]
    public void A_policy_that_was_pointed_at_many_places_remembers_the_latest()
    {
        var all = Enumerable.Range(0, 30).Aggregate((IReadOnlyList<TargetState>?)null, (known, i) => TargetMemory.With(known, [Done($"t{i}", $"arn-{i}", "f")]));
        Assert.That(all!.Select(t => t.Target), Is.EqualTo(Enumerable.Range(10, 20).Select(i => $"t{i}")));
    }

    private static TargetUpload Done(string target, string remoteId, string fingerprint) => new() { Target = target, RemoteId = remoteId, Fingerprint = fingerprint, FinishedAt = A.Now };

    private static CertificateRenewalRun Run(string name, DateTimeOffset finished, string fingerprint)
        => A.Run(new RunStatus { Phase = RunPhase.Succeeded, FinishedAt = finished, Deploy = new RunDeployment { Targets = [Done("a", "arn-1", fingerprint)] } }, name);
}

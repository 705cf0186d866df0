using CertOperator.Kubernetes;
using CertOperator.Operator.Deployments;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Deployments;

public sealed class RolloutRulesTests
{
    private static readonly DeploymentCondition Late = new() { Type = "Progressing", Reason = "ProgressDeadlineExceeded", Message = "ReplicaSet web-1 has timed out progressing." };

    private static IEnumerable<TestCaseData> Deployments()
    {
        yield return Case("all new pods are available", D(), "complete", "3 new pods");
        yield return Case("one replica by default", D(replicas: null, all: 1, updated: 1, available: 1), "complete", "1 new pod");
        yield return Case("scaled to nothing", D(replicas: 0, all: 0, updated: 0, available: 0), "complete", "0 new pods");
        yield return Case("the controller has not looked yet", D(observed: 1), "in progress", "waits for its controller");
        yield return Case("the controller has never looked", D(observed: null), "in progress", "waits for its controller");
        yield return Case("too few new pods", D(updated: 1), "in progress", "1 of 3 new pods");
        yield return Case("old pods are left", D(all: 4), "in progress", "1 old pod left");
        yield return Case("new pods are not available", D(available: 2), "in progress", "2 of 3 new pods available");
        yield return Case("the deadline has passed", D(available: 2, condition: Late), DeployReasons.RolloutFailed, "progress deadline with 2 of 3");
        yield return Case("the deadline of the rollout before has passed", D(observed: 1, condition: Late), "in progress", "waits for its controller");
        yield return Case("late, and complete all the same", D(condition: Late), "complete", "3 new pods");
        yield return Case("paused on the way", D(updated: 1, paused: true), DeployReasons.WorkloadPaused, "kubectl -n shop rollout resume deployment/web");
        yield return Case("paused before the controller has looked", D(observed: 1, paused: true), DeployReasons.WorkloadPaused, "is paused");
        yield return Case("paused when all was done", D(paused: true), "complete", "3 new pods");
    }

    private static IEnumerable<TestCaseData> StatefulSets()
    {
        yield return Case("all new pods are ready", S(), "complete", "3 new pods");
        yield return Case("the controller has not looked yet", S(observed: 1), "in progress", "waits for its controller");
        yield return Case("too few pods are ready", S(ready: 2), "in progress", "2 of 3 pods ready");
        yield return Case("too few new pods", S(updated: 2), "in progress", "2 of 3 new pods");
        yield return Case("new pods above the partition", S(updated: 1, partition: 2), "complete", "the 2 below its partition");
        yield return Case("too few new pods above the partition", S(updated: 0, partition: 2), "in progress", "0 of 1 new pods");
        yield return Case("a partition beyond all pods", S(updated: 0, partition: 9), "complete", "the 3 below its partition");
        yield return Case("no partition, revisions differ", S(partition: null, current: "web-1"), "in progress", "revision web-2");
        yield return Case("no partition, one revision", S(partition: null), "complete", "3 new pods");
        yield return Case("nothing is replaced by itself", S(updated: 1, type: "OnDelete"), DeployReasons.NothingRestarts, "2 of 3 pods still serve");
        yield return Case("somebody has replaced the pods", S(type: "OnDelete"), "complete", "3 new pods");
        yield return Case("nothing is replaced by itself, not seen yet", S(observed: 1, updated: 1, type: "OnDelete"), "in progress", "waits for its controller");
    }

    private static IEnumerable<TestCaseData> DaemonSets()
    {
        yield return Case("all new pods are available", N(), "complete", "3 new pods");
        yield return Case("no node wants one", N(wanted: 0, updated: 0, available: 0), "complete", "0 new pods");
        yield return Case("the controller has not looked yet", N(observed: 1), "in progress", "waits for its controller");
        yield return Case("too few new pods", N(updated: 2), "in progress", "2 of 3 new pods");
        yield return Case("new pods are not available", N(available: 1), "in progress", "1 of 3 new pods available");
        yield return Case("nothing is replaced by itself", N(updated: 0, type: "OnDelete"), DeployReasons.NothingRestarts, "3 of 3 pods still serve");
        yield return Case("somebody has replaced the pods", N(type: "OnDelete"), "complete", "3 new pods");
    }

    [TestCaseSource(nameof(Deployments))]
    public void A_Deployment_whose(Deployment deployment, string outcome, string message) => Check(RolloutRules.Of(deployment), outcome, message);

    [TestCaseSource(nameof(StatefulSets))]
    public void A_StatefulSet_whose(StatefulSet set, string outcome, string message) => Check(RolloutRules.Of(set), outcome, message);

    [TestCaseSource(nameof(DaemonSets))]
    public void A_DaemonSet_whose(DaemonSet set, string outcome, string message) => Check(RolloutRules.Of(set), outcome, message);

    private static void Check(Rollout rollout, string outcome, string message)
    {
        var (actual, text) = rollout switch
        {
            Rollout.Complete complete => ("complete", complete.Message),
            Rollout.InProgress progress => ("in progress", progress.Message),
            Rollout.Stuck stuck => (stuck.Reason, stuck.Message),
            _ => throw new InvalidOperationException(rollout.ToString()),
        };
        Assert.That((actual, text), Is.EqualTo((outcome, text)));
        Assert.That(text, Does.Contain(message));
    }

    private static Deployment D(int? replicas = 3, long? observed = 2, int? all = 3, int? updated = 3, int? available = 3, bool? paused = null, DeploymentCondition? condition = null)
        => new()
        {
            Metadata = Metadata,
            Spec = new DeploymentSpec { Replicas = replicas, Paused = paused },
            Status = new DeploymentStatus { ObservedGeneration = observed, Replicas = all, UpdatedReplicas = updated, AvailableReplicas = available, Conditions = condition is null ? null : [condition] },
        };

    private static StatefulSet S(long? observed = 2, int? ready = 3, int? updated = 3, int? partition = 0, string? current = "web-2", string type = "RollingUpdate")
        => new()
        {
            Metadata = Metadata,
            Spec = new StatefulSetSpec { Replicas = 3, UpdateStrategy = new UpdateStrategy { Type = type, RollingUpdate = type == "OnDelete" ? null : new RollingUpdate { Partition = partition } } },
            Status = new StatefulSetStatus { ObservedGeneration = observed, ReadyReplicas = ready, UpdatedReplicas = updated, CurrentRevision = current, UpdateRevision = "web-2" },
        };

    private static DaemonSet N(long? observed = 2, int? wanted = 3, int? updated = 3, int? available = 3, string type = "RollingUpdate")
        => new()
        {
            Metadata = Metadata,
            Spec = new DaemonSetSpec { UpdateStrategy = new UpdateStrategy { Type = type } },
            Status = new DaemonSetStatus { ObservedGeneration = observed, DesiredNumberScheduled = wanted, UpdatedNumberScheduled = updated, NumberAvailable = available },
        };

    private static ObjectMeta Metadata => new() { Name = "web", Namespace = "shop", Generation = 2 };

    private static TestCaseData Case(string name, object workload, string outcome, string message) => new TestCaseData(workload, outcome, message).SetArgDisplayNames(name);
}

using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Chart;

/// <summary>
/// Where in the code each of the chart's rights is for, which is what a person wants to know who takes one away or adds one. That
/// requests do need them <see cref="UsedRights"/> proves.
/// </summary>
[Category("Component")]
public sealed class ChartRightsTests
{
    private const string Group = "certoperator.io";

    /// <summary>Right, file, and the request in it. An apply makes what is not there: it needs create and patch.</summary>
    private static readonly (string Right, string File, string Request)[] Needed =
    [
        ($"get certificaterenewalpolicies.{Group}", "Operator/Runs/RunGatherer.cs", "_policies.FindAsync("),
        ($"list certificaterenewalpolicies.{Group}", "Operator/Informers.cs", "client.Resource(CrdResources.Policies)"),
        ($"watch certificaterenewalpolicies.{Group}", "Operator/Informers.cs", "client.Resource(CrdResources.Policies)"),
        ($"update certificaterenewalpolicies/status.{Group}", "Operator/Policies/PolicyReporter.cs", "_policies.UpdateStatusAsync("),
        ($"get certificaterenewalruns.{Group}", "Operator/Runs/RunMaker.cs", "_runs.GetAsync("),
        ($"list certificaterenewalruns.{Group}", "Operator/Informers.cs", "client.Resource(CrdResources.Runs)"),
        ($"watch certificaterenewalruns.{Group}", "Operator/Informers.cs", "client.Resource(CrdResources.Runs)"),
        ($"create certificaterenewalruns.{Group}", "Operator/Runs/RunMaker.cs", "_runs.CreateAsync("),
        ($"patch certificaterenewalruns.{Group}", "Operator/Runs/RunHold.cs", "_runs.PatchAsync("),
        ($"delete certificaterenewalruns.{Group}", "Operator/Runs/RunAbandonment.cs", "Deletion.TryDeleteAsync(_runs"),
        ($"update certificaterenewalruns/status.{Group}", "Operator/Runs/RunReporter.cs", "_runs.UpdateStatusAsync("),
        ($"list certificaterenewalbatches.{Group}", "Operator/Informers.cs", "client.Resource(CrdResources.Batches)"),
        ($"watch certificaterenewalbatches.{Group}", "Operator/Informers.cs", "client.Resource(CrdResources.Batches)"),
        ($"update certificaterenewalbatches/status.{Group}", "Operator/Batches/BatchReporter.cs", "_batches.UpdateStatusAsync("),
        ($"patch certificaterenewalbatches/status.{Group}", "Operator/Batches/BatchReporter.cs", "_batches.PatchAsync(NamespacedName.Of(batch), patch, \"status\""),
        ($"list certificaterenewalsettings.{Group}", "Operator/Informers.cs", "client.Resource(CrdResources.Settings)"),
        ($"watch certificaterenewalsettings.{Group}", "Operator/Informers.cs", "client.Resource(CrdResources.Settings)"),
        ($"update certificaterenewalpolicies/finalizers.{Group}", "Operator/Secrets/Ownership.cs", "BlockOwnerDeletion = true"),
        ($"update certificaterenewalbatches/finalizers.{Group}", "Operator/Batches/BatchPages.cs", "BlockOwnerDeletion = true"),
        ("get secrets", "Operator/Secrets/TargetSecretWriter.cs", "_secrets.FindAsync("),
        ("create secrets", "Operator/Secrets/RenewalState.cs", "_secrets.CreateAsync("),
        ("update secrets", "Operator/Secrets/RenewalState.cs", "_secrets.UpdateAsync("),
        ("patch secrets", "Operator/Secrets/TargetSecretWriter.cs", "_secrets.ApplyAsync("),
        ("delete secrets", "Operator/Secrets/TargetSecretWriter.cs", "Deletion.TryDeleteAsync(_secrets"),
        ("get configmaps", "Operator/Authorities/PrivateRootStore.cs", "_bundles.FindAsync("),
        ("list configmaps", "Operator/Batches/BatchPages.cs", "_maps.ListAsync("),
        ("create configmaps", "Operator/Authorities/PrivateRootStore.cs", "_bundles.CreateAsync("),
        ("update configmaps", "Operator/Authorities/PrivateRootStore.cs", "_bundles.UpdateAsync("),
        ("patch configmaps", "Operator/Batches/BatchPages.cs", "_maps.ApplyAsync("),
        ("delete configmaps", "Operator/Batches/BatchPages.cs", "Deletion.TryDeleteAsync(_maps"),
        ("create events.events.k8s.io", "Kubernetes/Runtime/EventWriter.cs", "client.CreateAsync("),
        ("patch events.events.k8s.io", "Kubernetes/Runtime/EventWriter.cs", "client.PatchAsync("),
        ("get deployments.apps", "Operator/Deployments/Workloads.cs", "FindAsync(AppsResources.Deployments"),
        ("patch deployments.apps", "Operator/Deployments/Workloads.cs", "RestartAsync(AppsResources.Deployments"),
        ("get statefulsets.apps", "Operator/Deployments/Workloads.cs", "FindAsync(AppsResources.StatefulSets"),
        ("patch statefulsets.apps", "Operator/Deployments/Workloads.cs", "RestartAsync(AppsResources.StatefulSets"),
        ("get daemonsets.apps", "Operator/Deployments/Workloads.cs", "FindAsync(AppsResources.DaemonSets"),
        ("patch daemonsets.apps", "Operator/Deployments/Workloads.cs", "RestartAsync(AppsResources.DaemonSets"),
        ("get services", "Operator/Challenges/Http01/OperatorRoute.cs", "objects.DeleteAsync(NetworkResources.Services"),
        ("create services", "Operator/Challenges/Http01/OperatorRoute.cs", "objects.ApplyAsync(NetworkResources.Services"),
        ("patch services", "Operator/Challenges/Http01/OperatorRoute.cs", "objects.ApplyAsync(NetworkResources.Services"),
        ("delete services", "Operator/Challenges/Http01/OperatorRoute.cs", "objects.DeleteAsync(NetworkResources.Services"),
        ("list endpointslices.discovery.k8s.io", "Operator/Challenges/Http01/EndpointSlices.cs", ".ListAsync(new ListOptions"),
        ("get endpointslices.discovery.k8s.io", "Operator/Challenges/Http01/EndpointSlices.cs", "objects.DeleteAsync(Definition"),
        ("create endpointslices.discovery.k8s.io", "Operator/Challenges/Http01/EndpointSlices.cs", "objects.ApplyAsync(definition"),
        ("patch endpointslices.discovery.k8s.io", "Operator/Challenges/Http01/EndpointSlices.cs", "objects.ApplyAsync(definition"),
        ("delete endpointslices.discovery.k8s.io", "Operator/Challenges/Http01/EndpointSlices.cs", "objects.DeleteAsync(Definition"),
        ("get ingresses.networking.k8s.io", "Operator/Challenges/Http01/AnswerRemoval.cs", "objects.DeleteAsync(NetworkResources.Ingresses"),
        ("create ingresses.networking.k8s.io", "Operator/Challenges/Http01/IngressPlace.cs", "objects.ApplyAsync(NetworkResources.Ingresses"),
        ("patch ingresses.networking.k8s.io", "Operator/Challenges/Http01/IngressPlace.cs", "objects.ApplyAsync(NetworkResources.Ingresses"),
        ("delete ingresses.networking.k8s.io", "Operator/Challenges/Http01/AnswerRemoval.cs", "objects.DeleteAsync(NetworkResources.Ingresses"),
        ("get httproutes.gateway.networking.k8s.io", "Operator/Challenges/Http01/AnswerRemoval.cs", "objects.DeleteAsync(NetworkResources.HttpRoutes"),
        ("create httproutes.gateway.networking.k8s.io", "Operator/Challenges/Http01/GatewayPlace.cs", "objects.ApplyAsync(NetworkResources.HttpRoutes"),
        ("patch httproutes.gateway.networking.k8s.io", "Operator/Challenges/Http01/GatewayPlace.cs", "objects.ApplyAsync(NetworkResources.HttpRoutes"),
        ("delete httproutes.gateway.networking.k8s.io", "Operator/Challenges/Http01/AnswerRemoval.cs", "objects.DeleteAsync(NetworkResources.HttpRoutes"),
        ("get prometheusrules.monitoring.coreos.com", "Operator/Slo/WorkspaceRulesReconciler.cs", "_rules.FindAsync("),
        ("list prometheusrules.monitoring.coreos.com", "Operator/Slo/WorkspaceRulesReconciler.cs", "_rules.ListAsync("),
        ("create prometheusrules.monitoring.coreos.com", "Operator/Slo/WorkspaceRulesReconciler.cs", "_rules.ApplyAsync("),
        ("patch prometheusrules.monitoring.coreos.com", "Operator/Slo/WorkspaceRulesReconciler.cs", "_rules.ApplyAsync("),
        ("delete prometheusrules.monitoring.coreos.com", "Operator/Slo/WorkspaceRulesReconciler.cs", "Deletion.TryDeleteAsync(_rules"),
        ("create serviceaccounts/token", "Operator/Issuers/VaultIdentities.cs", "_tokens.CreateAsync("),
        ("get leases.coordination.k8s.io", "Kubernetes/Runtime/LeaseLock.cs", "client.FindAsync("),
        ("create leases.coordination.k8s.io", "Kubernetes/Runtime/LeaseLock.cs", "client.CreateAsync("),
        ("update leases.coordination.k8s.io", "Kubernetes/Runtime/LeaseLock.cs", "client.UpdateAsync("),
        ("create tokenreviews.authentication.k8s.io", "Operator/Hosting/Access/ScraperAccess.cs", "_tokens.CreateAsync("),
        ("create subjectaccessreviews.authorization.k8s.io", "Operator/Hosting/Access/ScraperAccess.cs", "_rights.CreateAsync("),
    ];

    /// <summary>What a value has to ask for.</summary>
    private static readonly (string Right, string File, string Request) Inventory = ("list secrets", "Operator/Inventory/SecretSurvey.cs", "_metadata.ListAsync(");

    [TestCase("")]
    [TestCase("namespaces={shop}")]
    public async Task Each_right_is_for_a_request_of_the_operator(string values)
    {
        string[] chosen = values.Length > 0 ? ["--set", values] : [];
        string rendered = await Helm.TemplateAsync("x", "certs", ["--set", "fullnameOverride=o", "--set", "rbac.finalizers=true", .. chosen]);

        Assert.That(ChartObjects.Rights(rendered, "o", "o-own", "o-reviews").Distinct(), Is.EquivalentTo(Needed.Select(n => n.Right)));
    }

    [TestCase("")]
    [TestCase("namespaces={shop}")]
    public async Task Secrets_are_listed_only_by_an_operator_that_is_told_to(string values)
    {
        string[] chosen = values.Length > 0 ? ["--set", values] : [];
        string without = await Helm.TemplateAsync("x", "certs", ["--set", "fullnameOverride=o", .. chosen]);
        string with = await Helm.TemplateAsync("x", "certs", ["--set", "fullnameOverride=o", "--set", "inventory.enabled=true", .. chosen]);
        string[] before = [.. ChartObjects.Rights(without, "o", "o-own", "o-reviews")];

        Assert.That(before, Has.None.EqualTo(Inventory.Right).And.None.EqualTo("watch secrets"));
        Assert.That(ChartObjects.Rights(with, "o", "o-own", "o-reviews"), Is.EquivalentTo(before.Append(Inventory.Right)));
        Assert.That(ChartObjects.Rights(with, "o-own"), Has.None.EqualTo(Inventory.Right));
        Assert.That(ChartObjects.Arguments(without), Has.None.Contains("inventory"));
        Assert.That(ChartObjects.Arguments(with), Has.Some.EqualTo("--inventory=true"));
    }

    [Test]
    public void Each_request_is_in_the_code() =>
        Assert.That(Needed.Append(Inventory).Where(n => !File.ReadAllText(Repository.PathOf(["src", .. n.File.Split('/')])).Contains(n.Request, StringComparison.Ordinal)), Is.Empty);

    [Test]
    public async Task What_is_given_up_is_gone_from_the_roles()
    {
        string rendered = await Helm.TemplateAsync(
            "x", "certs", "--set", "fullnameOverride=o", "--set", "rbac.restarts=false,rbac.http01=false,rbac.serviceAccountTokens=false,metrics.auth=false,prometheusRule.perNamespace=false");

        Assert.That(ChartObjects.Rights(rendered, "o", "o-own", "o-reviews"), Has.None.Matches("apps|services|ingresses|httproutes|endpointslices|token|accessreviews|finalizers|prometheusrules"));
    }
}

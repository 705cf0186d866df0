using CertOperator.Acme;
using CertOperator.Crds;
using CertOperator.Kubernetes;
using CertOperator.Providers.Issuance;
using NUnit.Framework;

namespace CertOperator.Operator.Tests;

public sealed class ArchitectureTests
{
    [TestCase(typeof(IKubernetesClient), new string[0])]
    [TestCase(typeof(AcmeClient), new string[0])]
    [TestCase(typeof(EntityTypes), new[] { "CertOperator.Kubernetes" })]
    [TestCase(typeof(ICertificateProvider), new[] { "CertOperator.Acme", "CertOperator.Crds", "CertOperator.Kubernetes" })]
    public void References_go_one_way(Type member, string[] allowed)
    {
        var references = member.Assembly.GetReferencedAssemblies().Select(a => a.Name!).Where(IsOurs);
        Assert.That(references, Is.SubsetOf(allowed));
    }

    [Test]
    public void Providers_never_call_the_API_server()
    {
        var client = new[] { typeof(IKubernetesClient), typeof(IResourceClient<>) };
        var users = typeof(ICertificateProvider).Assembly.GetTypes()
            .Where(t => t.GetConstructors().SelectMany(c => c.GetParameters()).Any(p => client.Contains(p.ParameterType.IsGenericType ? p.ParameterType.GetGenericTypeDefinition() : p.ParameterType)));
        Assert.That(users, Is.Empty);
    }

    [Test]
    public void Deciding_code_is_static_and_holds_no_state()
    {
        var deciders = new[]
        {
            typeof(Operator.Batches.BatchJudge),
            typeof(Operator.Batches.BatchRows),
            typeof(Operator.Batches.BatchSelection),
            typeof(Operator.Batches.BatchStateMachine),
            typeof(Operator.Batches.BatchStatusBuilder),
            typeof(Operator.Costs.CheapestProvider),
            typeof(Operator.Deployments.TargetMemory),
            typeof(Operator.Policies.DeployTargetResolver),
            typeof(Operator.Policies.InheritedDefaults),
            typeof(Operator.Policies.PolicyDecider),
            typeof(Operator.Policies.PolicyResolver),
            typeof(Operator.Policies.PolicyAccounting),
            typeof(Operator.Policies.PolicyProbing),
            typeof(Operator.Policies.RenewalNeeds),
            typeof(Operator.Policies.WindowResolver),
            typeof(Operator.Probing.ProbeDecider),
            typeof(Operator.Runs.RunStateMachine),
            typeof(Operator.Runs.RunTransitions),
            typeof(Operator.Slo.SloRules),
            typeof(Operator.Slo.WorkspaceRules),
            typeof(Operator.Incidents.IncidentDecider),
            typeof(Operator.Incidents.IncidentDeliveries),
            typeof(Operator.Inventory.InventoryEntries),
            typeof(Operator.Inventory.Renewers),
            typeof(Operator.Inventory.SecretManagement),
            typeof(Operator.Policies.AutomaticRenewal),
            typeof(Operator.Secrets.TargetSecretInspector),
        };
        Assert.That(deciders.Where(t => !t.IsAbstract || !t.IsSealed), Is.Empty, "C# compiles a static class as abstract and sealed");
        Assert.That(deciders.SelectMany(t => t.GetMethods()).Where(m => typeof(Task).IsAssignableFrom(m.ReturnType)), Is.Empty);
    }

    private static bool IsOurs(string name) => name.StartsWith("CertOperator", StringComparison.OrdinalIgnoreCase);
}

using System.Runtime.CompilerServices;
using CertOperator.TestSupport;

namespace CertOperator.EndToEnd.Harness;

/// <summary>
/// Who the operators of the tests are: the chart's service account with the chart's roles. What the operator does without the
/// right to do it fails in whichever test has it done.
/// </summary>
internal sealed class ChartIdentity
{
    private const string Release = "certoperator";
    private const string SystemNamespace = "certoperator-system";
    private static readonly ConditionalWeakTable<ControlPlane, Lazy<Task<ChartIdentity>>> Made = [];
    private readonly ControlPlane _controlPlane;
    private readonly string _ownRoles;

    private ChartIdentity(ControlPlane controlPlane, string ownRoles, string token) => (_controlPlane, _ownRoles, Token) = (controlPlane, ownRoles, token);

    /// <summary>A token of the service account.</summary>
    public string Token { get; }

    /// <summary>The identity on a control plane, made at the first call.</summary>
    public static Task<ChartIdentity> OnAsync(ControlPlane controlPlane) =>
        Made.GetValue(controlPlane, c => new Lazy<Task<ChartIdentity>>(() => CreateAsync(c))).Value;

    /// <summary>Lets a namespace be the operator's own as well: tests that run at the same time have a Lease each.</summary>
    public Task OwnAsync(string ns) =>
        _controlPlane.ApplyAsync(_ownRoles.Replace($"\n  namespace: {SystemNamespace}\n", $"\n  namespace: {ns}\n", StringComparison.Ordinal));

    private static async Task<ChartIdentity> CreateAsync(ControlPlane controlPlane)
    {
        await controlPlane.KubectlAsync(["create", "namespace", SystemNamespace]);
        await controlPlane.ApplyAsync(
            await Helm.TemplateAsync(Release, SystemNamespace, "--show-only", "templates/serviceaccount.yaml", "--show-only", "templates/rbac-workspaces.yaml"));
        string ownRoles = await Helm.TemplateAsync(Release, SystemNamespace, "--show-only", "templates/rbac-own.yaml");
        await controlPlane.ApplyAsync(ownRoles);
        string account = await controlPlane.KubectlAsync(["get", "serviceaccounts", "-n", SystemNamespace, "-l", $"app.kubernetes.io/instance={Release}", "-o", "jsonpath={.items[0].metadata.name}"]);
        return new ChartIdentity(controlPlane, ownRoles, await controlPlane.KubectlAsync(["create", "token", account, "-n", SystemNamespace, "--duration=24h"]));
    }
}

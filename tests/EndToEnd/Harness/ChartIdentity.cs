using System.Runtime.CompilerServices;
using CertOperator.TestSupport;

namespace CertOperator.EndToEnd.Harness;

/// <summary>
/// Who the operators of the tests are: the chart's service account with the chart's roles. What the operator does without the
/// right to do it fails in whichever test has it done.
/// </summary>
internal sealed class ChartIdentity
{
    public const string Release = "certoperator";

    /// <summary>What the chart calls the service account, and its roles, of that release.</summary>
    public const string Account = "certoperator-cert-operator";

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

    /// <summary>Applies the account and the roles of an operator that is confined to a namespace and has another one of its own.</summary>
    /// <returns>A token of that account.</returns>
    public static async Task<string> ConfineAsync(ControlPlane controlPlane, string own, string workspace)
    {
        // The right to ask who scrapes belongs to the whole cluster, where the release of all other tests has it.
        string[] values = ["--set", $"namespaces={{{workspace}}}", "--set", "metrics.auth=false"];
        await controlPlane.ApplyAsync(await RenderAsync(own, ["serviceaccount", "rbac-workspaces", "rbac-own"], values));
        return await CreateTokenAsync(controlPlane, own);
    }

    /// <summary>Lets a namespace be the operator's own as well: tests that run at the same time have a Lease each.</summary>
    public Task OwnAsync(string ns) =>
        _controlPlane.ApplyAsync(_ownRoles.Replace($"\n  namespace: {SystemNamespace}\n", $"\n  namespace: {ns}\n", StringComparison.Ordinal));

    private static async Task<ChartIdentity> CreateAsync(ControlPlane controlPlane)
    {
        await controlPlane.KubectlAsync(["create", "namespace", SystemNamespace]);
        await controlPlane.ApplyAsync(await RenderAsync(SystemNamespace, ["serviceaccount", "rbac-workspaces"]));
        string ownRoles = await RenderAsync(SystemNamespace, ["rbac-own"]);
        await controlPlane.ApplyAsync(ownRoles);
        return new ChartIdentity(controlPlane, ownRoles, await CreateTokenAsync(controlPlane, SystemNamespace));
    }

    private static Task<string> RenderAsync(string ns, IReadOnlyList<string> templates, params IReadOnlyList<string> values) =>
        Helm.TemplateAsync(Release, ns, [.. templates.SelectMany(t => new[] { "--show-only", $"templates/{t}.yaml" }), .. values]);

    private static Task<string> CreateTokenAsync(ControlPlane controlPlane, string ns) =>
        controlPlane.KubectlAsync(["create", "token", Account, "-n", ns, "--duration=24h"]);
}

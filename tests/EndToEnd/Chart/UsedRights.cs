using CertOperator.EndToEnd.Harness;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Chart;

/// <summary>
/// The operators of the tests are the chart's service account, so no right is missing; and the API servers have written down by which role
/// they let each request through, so none is too many. That can only be told when all tests have ended.
/// </summary>
internal static class UsedRights
{
    /// <summary>Set by <c>hack/test.sh</c>. Whoever runs a few tests uses few rights.</summary>
    private const string AllTestsVariable = "ALL_TESTS";

    /// <summary>Roles of Kubernetes that everybody has.</summary>
    private static readonly string[] Everybodys = ["system:basic-user", "system:discovery", "system:public-info-viewer"];

    private static readonly string[] Templates = ["templates/rbac-workspaces.yaml", "templates/rbac-own.yaml"];

    /// <summary>Holds what the chart grants against what was used; does nothing after a run that used no control plane.</summary>
    public static async Task JudgeAsync()
    {
        bool all = Environment.GetEnvironmentVariable(AllTestsVariable) == "true";
        AllowedRequest[] allowed = [.. AuditTrail.Read()];
        if (allowed.Length == 0 && !all)
        {
            return;
        }

        IReadOnlyList<(string Role, string Right, string Template)> granted = await GrantedAsync();
        // A release of whatever name calls the service account by that name, and its roles begin with it.
        HashSet<(string Role, string Right)> used = [.. allowed.Select(a => (Role: WithoutAccount(a), a.Right)).Where(u => u.Role is not null).Select(u => (u.Role!, u.Right))];
        string[] unused = [.. granted.Where(g => !used.Contains((g.Role, g.Right))).Select(g => $"{g.Right}, which {g.Template} grants in the role NAME{g.Role}")];
        AllowedRequest[] foreign = [.. allowed.Where(a => AccountOf(a) == ChartIdentity.Account && !Everybodys.Contains(a.Role) && !granted.Any(g => (g.Role, g.Right) == (WithoutAccount(a), a.Right)))];

        await TestContext.Progress.WriteLineAsync($"{granted.Count - unused.Length} of the chart's {granted.Count} rights were used. Not used:\n{string.Join('\n', unused)}");
        Assert.That(foreign, Is.Empty, "These requests were allowed by a role that is not the chart's, so the operator would lack them elsewhere.");
        if (all)
        {
            Assert.That(unused, Is.Empty, $"No test made a request that needed these rights: take them out of _rules.tpl, or test what they are for.\n{string.Join('\n', unused)}");
        }
    }

    private static string AccountOf(AllowedRequest request) => request.User[(request.User.LastIndexOf(':') + 1)..];

    /// <summary>Such as <c>-own</c>; null for a role that is none of a release's.</summary>
    private static string? WithoutAccount(AllowedRequest request) =>
        request.Role.StartsWith(AccountOf(request), StringComparison.Ordinal) ? request.Role[AccountOf(request).Length..] : null;

    /// <summary>For all namespaces, and for named ones, with all that requests are made for. The rights to finalizers no request needs: see <see cref="FinalizerRightsTests"/>.</summary>
    private static async Task<IReadOnlyList<(string Role, string Right, string Template)>> GrantedAsync()
    {
        HashSet<(string, string, string)> granted = [];
        foreach (string template in Templates)
        {
            foreach (string[] values in new string[][] { [], ["--set", "namespaces={shop}"] })
            {
                string rendered = await Helm.TemplateAsync("x", "certs", ["--set", "fullnameOverride=o,inventory.enabled=true", "--show-only", template, .. values]);
                granted.UnionWith(ChartObjects.Rights(rendered).Select(r => (r.Role["o".Length..], r.Right, template)));
            }
        }

        return [.. granted];
    }
}

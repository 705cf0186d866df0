using CertOperator.Crds.Policies;
using CertOperator.Providers.Vault;

namespace CertOperator.Operator.Policies.Issuers;

/// <summary>What may be said of a Vault server. A name that would lead a request elsewhere is refused before there is any. Pure.</summary>
internal static class VaultRules
{
    private const string DefaultKubernetesMount = "kubernetes";
    private const string DefaultAppRoleMount = "approle";

    /// <returns>Null where something is wrong, which has been said then.</returns>
    public static ResolvedVault? Resolve(string field, string? address, string? @namespace, string? caBundle, VaultAuthConfig? auth, Action<string> invalid)
    {
        var url = Address(address, $"{field}.address", invalid);
        var trimmed = @namespace?.Trim('/');
        if (trimmed is { Length: > 0 })
        {
            CheckPath(trimmed, $"{field}.namespace", invalid);
        }

        IssuerResolver.CheckBundle(caBundle, $"{field}.caBundle", invalid);
        return CheckAuth(auth, $"{field}.auth", invalid) && url is not null
            ? new ResolvedVault { Field = field, Address = url, Namespace = trimmed is { Length: > 0 } ? trimmed : null, CaBundle = caBundle, Auth = auth! }
            : null;
    }

    public static void CheckPath(string path, string field, Action<string> invalid)
    {
        if (VaultPaths.FindPathProblem(path) is { } problem)
        {
            invalid($"{field}: \"{Printable(path)}\" {problem}. Write it as vault secrets list shows it, without slashes at its ends.");
        }
    }

    public static void CheckName(string name, string field, Action<string> invalid)
    {
        if (VaultPaths.FindNameProblem(name) is { } problem)
        {
            invalid($"{field}: \"{Printable(name)}\" {problem}.");
        }
    }

    public static string KubernetesMount(VaultKubernetesAuth auth) => auth.Mount ?? DefaultKubernetesMount;

    public static string AppRoleMount(VaultAppRoleAuth auth) => auth.Mount ?? DefaultAppRoleMount;

    private static bool CheckAuth(VaultAuthConfig? auth, string field, Action<string> invalid)
    {
        var given = new object?[] { auth?.Kubernetes, auth?.AppRole, auth?.Token }.Count(a => a is not null);
        if (given != 1)
        {
            invalid($"{field}: {(given == 0 ? "says of no way in" : "names more than one way in")}. Set exactly one of kubernetes, appRole and token.");
            return false;
        }

        if (auth!.Kubernetes is { } kubernetes)
        {
            CheckPath(KubernetesMount(kubernetes), $"{field}.kubernetes.mount", invalid);
            CheckName(kubernetes.Role, $"{field}.kubernetes.role", invalid);
            if (kubernetes.ServiceAccount is { } account)
            {
                SecretRules.CheckName(account, $"{field}.kubernetes.serviceAccount", invalid, "a service account");
            }
        }

        if (auth.AppRole is { } appRole)
        {
            CheckPath(AppRoleMount(appRole), $"{field}.appRole.mount", invalid);
            SecretRules.CheckName(appRole.SecretName, $"{field}.appRole.secretName", invalid);
        }

        if (auth.Token is { } token)
        {
            SecretRules.CheckName(token.SecretName, $"{field}.token.secretName", invalid);
        }

        return true;
    }

    private static Uri? Address(string? text, string field, Action<string> invalid)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            invalid($"{field} is missing. Set it to the URL of the Vault server, such as https://vault.example.com:8200.");
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps && uri.UserInfo.Length == 0 && uri.Host.Length > 0
            && uri.Query.Length == 0 && uri.Fragment.Length == 0)
        {
            return uri;
        }

        invalid($"{field}: \"{Printable(text)}\" is no https URL of a server. Write it as https://vault.example.com:8200, without /v1.");
        return null;
    }

    private static string Printable(string text)
    {
        var line = string.Concat(text.Take(80).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
        return text.Length > 80 ? line + "…" : line;
    }
}

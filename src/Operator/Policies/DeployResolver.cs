using CertOperator.Crds.Policies;

namespace CertOperator.Operator.Policies;

/// <summary>Checks spec.deploy and fills in its defaults. Pure. No message holds a URL, whose path and query may be secret.</summary>
public static class DeployResolver
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(300);

    /// <param name="owner">Namespace and name of the policy.</param>
    /// <param name="deploy">What it says; null where it says nothing.</param>
    /// <param name="invalid">Takes a sentence on what is wrong.</param>
    public static ResolvedDeploy Resolve(string owner, DeploySpec? deploy, Action<string> invalid)
    {
        ArgumentNullException.ThrowIfNull(invalid);
        return new ResolvedDeploy(Restarts(deploy?.Restarts ?? [], invalid), DeployTargetResolver.Resolve(owner, deploy?.Targets ?? [], invalid), Webhooks(deploy?.Webhooks ?? [], invalid));
    }

    private static List<ResolvedRestart> Restarts(IReadOnlyList<WorkloadRestartSpec> restarts, Action<string> invalid)
    {
        var resolved = new List<ResolvedRestart>();
        for (var i = 0; i < restarts.Count; i++)
        {
            var (field, restart) = ($"spec.deploy.restarts[{i}]", restarts[i]);
            SecretRules.CheckName(restart.Name, $"{field}.name", invalid, $"a {restart.Kind}");
            if (resolved.Any(r => r.Kind == restart.Kind && r.Name == restart.Name))
            {
                invalid($"{field}: {restart.Kind} {restart.Name} is named twice. Remove one.");
            }

            resolved.Add(new ResolvedRestart(restart.Kind, restart.Name, restart.TimeoutSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : DefaultTimeout));
        }

        return resolved;
    }

    private static List<ResolvedWebhook> Webhooks(IReadOnlyList<DeployWebhookSpec> webhooks, Action<string> invalid)
    {
        var resolved = new List<ResolvedWebhook>();
        for (var i = 0; i < webhooks.Count; i++)
        {
            var (field, webhook) = ($"spec.deploy.webhooks[{i}]", webhooks[i]);
            SecretRules.CheckName(webhook.SecretName, $"{field}.secretName", invalid);
            IssuerResolver.CheckBundle(webhook.CaBundle, $"{field}.caBundle", invalid);
            if (!Uri.TryCreate(webhook.Url, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp)
                || url.Host.Length == 0 || url.UserInfo.Length > 0 || url.Fragment.Length > 0)
            {
                invalid($"{field}.url is no http or https URL without user name and fragment. Write it as https://hooks.example.com/path.");
                continue;
            }

            if (resolved.Any(w => w.Url == url))
            {
                invalid($"{field}.url: an earlier webhook has the same URL. Remove one.");
            }

            resolved.Add(new ResolvedWebhook(field, url, webhook.SecretName, webhook.CaBundle));
        }

        return resolved;
    }
}

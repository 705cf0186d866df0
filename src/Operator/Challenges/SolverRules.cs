using CertOperator.Crds.Rules;
using CertOperator.Crds.Settings;
using CertOperator.Operator.Challenges.Http01;
using CertOperator.Operator.Policies;
using CertOperator.Providers.Dns;
using CertOperator.Providers.Dns.Protocol;
using CertOperator.Providers.Probing;

namespace CertOperator.Operator.Challenges;

/// <summary>What a solver may say, beyond its schema. Pure.</summary>
public static class SolverRules
{
    public static void Check(SolverSpec solver, string path, Action<string> invalid)
    {
        foreach (var zone in solver.Selector?.DnsZones ?? [])
        {
            if (HostnameRules.Check(zone.TrimEnd('.'), $"{path}.selector.dnsZones", new HostnameOptions(AllowSingleLabel: true)) is { } error)
            {
                invalid(Sentences.Of(error));
            }
        }

        if (solver is { Http01: not null, Dns01: not null })
        {
            invalid($"{path}: http01 and dns01 are both set. Keep one; give the other a solver of its own.");
        }

        if (solver.Http01 is { } http01)
        {
            Http01Rules.Check(http01, $"{path}.http01", invalid);
        }

        if (solver.Dns01 is { } dns01)
        {
            CheckDns01(dns01, $"{path}.dns01", invalid);
        }
    }

    private static void CheckDns01(Dns01Spec dns01, string path, Action<string> invalid)
    {
        var given = Providers(dns01).Where(p => p.Value is not null).Select(p => p.Name).ToList();
        if (given.Count != 1)
        {
            var all = string.Join(", ", Providers(dns01).Select(p => p.Name));
            invalid(given.Count == 0
                ? $"{path} names no DNS provider. Set one of {all}."
                : $"{path}: {string.Join(" and ", given)} are both set. Keep one; give the other a solver of its own.");
        }

        foreach (var resolver in dns01.Resolvers ?? [])
        {
            CheckAddress(resolver, $"{path}.resolvers", invalid);
        }

        if (dns01.Rfc2136 is { } rfc2136)
        {
            CheckRfc2136(rfc2136, $"{path}.rfc2136", invalid);
        }

        if (dns01.Httpreq is { } httpreq)
        {
            CheckService(httpreq.Endpoint, httpreq.SecretName, httpreq.CaBundle, $"{path}.httpreq", invalid);
        }

        if (dns01.AcmeDns is { } acmeDns)
        {
            CheckService(acmeDns.Endpoint, acmeDns.SecretName, acmeDns.CaBundle, $"{path}.acmeDns", invalid);
        }

        if (dns01.Cloudflare is { } cloudflare)
        {
            CheckService(cloudflare.Endpoint, cloudflare.SecretName, null, $"{path}.cloudflare", invalid);
        }

        if (dns01.Route53 is { } route53)
        {
            CheckService(route53.Endpoint, route53.SecretName, null, $"{path}.route53", invalid);
        }

        if (dns01.GoogleCloudDns is { } google)
        {
            CheckService(google.Endpoint, google.SecretName, null, $"{path}.googleCloudDns", invalid);
        }

        if (dns01.AzureDns is { } azure)
        {
            CheckService(azure.Endpoint, azure.SecretName, null, $"{path}.azureDns", invalid);
            CheckUrl(azure.AuthorityEndpoint, $"{path}.azureDns.authorityEndpoint", invalid);
            if (azure.ZoneName is { } zone && HostnameRules.Check(zone, $"{path}.azureDns.zoneName", new HostnameOptions(AllowSingleLabel: true)) is { } error)
            {
                invalid(Sentences.Of(error));
            }
        }
    }

    private static void CheckService(string? endpoint, string? secretName, string? caBundle, string path, Action<string> invalid)
    {
        CheckUrl(endpoint, $"{path}.endpoint", invalid);
        CheckSecret(secretName, $"{path}.secretName", invalid);
        IssuerResolver.CheckBundle(caBundle, $"{path}.caBundle", invalid);
    }

    private static void CheckUrl(string? url, string field, Action<string> invalid)
    {
        if (url is null)
        {
            return;
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttps && uri.Scheme != Uri.UriSchemeHttp)
            || uri.Host.Length == 0 || uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            invalid($"{field} is no http or https URL without user, query and fragment. Write it as https://dns.example.com/path.");
        }
    }

    private static IEnumerable<(string Name, object? Value)> Providers(Dns01Spec dns01) =>
    [
        ("rfc2136", dns01.Rfc2136),
        ("httpreq", dns01.Httpreq),
        ("acmeDns", dns01.AcmeDns),
        ("cloudflare", dns01.Cloudflare),
        ("route53", dns01.Route53),
        ("googleCloudDns", dns01.GoogleCloudDns),
        ("azureDns", dns01.AzureDns),
    ];

    private static void CheckRfc2136(Rfc2136Spec rfc2136, string path, Action<string> invalid)
    {
        CheckAddress(rfc2136.Server, $"{path}.server", invalid);
        if (rfc2136.TsigKeyName is null != rfc2136.TsigSecretName is null)
        {
            var (set, missing) = rfc2136.TsigKeyName is null ? ("tsigSecretName", "tsigKeyName") : ("tsigKeyName", "tsigSecretName");
            invalid($"{path}.{missing} is missing, and {set} is set. Set both, or none where the server goes by addresses.");
        }

        if (rfc2136.TsigKeyName is { } name && !IsName(name))
        {
            invalid($"{path}.tsigKeyName: \"{name}\" is no name of a key. Write it as the server does, such as acme-key.");
        }

        if (rfc2136.TsigAlgorithm is { } algorithm && !TsigAlgorithms.All.Contains(algorithm))
        {
            invalid($"{path}.tsigAlgorithm: \"{algorithm}\" is unknown. Use one of {string.Join(", ", TsigAlgorithms.All)}.");
        }

        CheckSecret(rfc2136.TsigSecretName, $"{path}.tsigSecretName", invalid);
    }

    private static void CheckSecret(string? name, string field, Action<string> invalid)
    {
        if (name is not null)
        {
            SecretRules.CheckName(name, field, invalid);
        }
    }

    private static void CheckAddress(string address, string field, Action<string> invalid)
    {
        if (!EndpointAddress.TryParse(address, field, out _, out var error, DnsServer.DefaultPort))
        {
            invalid(Sentences.Of(error!));
        }
    }

    private static bool IsName(string text)
    {
        try
        {
            return DnsName.Parse(text).LabelCount > 0;
        }
        catch (DnsFormatException)
        {
            return false;
        }
    }
}

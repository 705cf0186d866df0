using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using CertOperator.Crds.Rules;
using CertOperator.Kubernetes;
using CertOperator.Providers.Aws;
using CertOperator.Providers.Dns;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Vault;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Options;

/// <summary>Turns the text of an option into its value; false when it is not accepted.</summary>
internal delegate bool OptionValueParser<T>(string text, [MaybeNullWhen(false)] out T value);

/// <summary>The parsers that the table names. All are strict: what a person did not clearly mean is refused.</summary>
internal static partial class OptionValues
{
    public static bool Text(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text.Length is > 0 and <= 4096 && !text.Any(char.IsControl);
    }

    public static bool Label(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return LabelSyntax().IsMatch(text);
    }

    public static bool Subdomain(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text.Length <= 253 && text.Split('.').All(LabelSyntax().IsMatch);
    }

    public static bool Namespaces(string text, [MaybeNullWhen(false)] out IReadOnlyList<string> value) =>
        List(text, Label, out value);

    public static bool Networks(string text, [MaybeNullWhen(false)] out IReadOnlyList<IPNetwork> value) =>
        EgressAllowList.TryParse([text], out value, out _);

    public static string? NetworkErrors(string text) =>
        EgressAllowList.TryParse([text], out _, out var errors) ? null : string.Join("; ", errors);

    public static bool Resolvers(string text, [MaybeNullWhen(false)] out IReadOnlyList<IPEndPoint> value) =>
        List(text, Resolver, out value);

    public static bool ServiceName(string text, out NamespacedName? value)
    {
        var parts = text.Split('/');
        var accepted = parts.Length == 2 && parts.All(LabelSyntax().IsMatch);
        value = accepted ? new NamespacedName(parts[0], parts[1]) : null;
        return accepted;
    }

    public static bool Boolean(string text, out bool value)
    {
        value = text is "true";
        return text is "true" or "false";
    }

    public static bool Level(string text, out LogLevel value)
    {
        value = text switch
        {
            "trace" => LogLevel.Trace,
            "debug" => LogLevel.Debug,
            "info" => LogLevel.Information,
            "warn" => LogLevel.Warning,
            "error" => LogLevel.Error,
            _ => LogLevel.None,
        };
        return value != LogLevel.None;
    }

    public static bool Format(string text, out LogFormat value)
    {
        value = text is "text" ? LogFormat.Text : LogFormat.Json;
        return text is "text" or "json";
    }

    public static bool Https(string text, [MaybeNullWhen(false)] out Uri value)
        => Uri.TryCreate(text, UriKind.Absolute, out value) && value is { Scheme: "https", UserInfo: "", Query: "", Fragment: "" } && value.Host.Length > 0;

    public static bool KmsKey(string text, [MaybeNullWhen(false)] out AwsArn value)
    {
        value = AwsArn.TryParse(text);
        return value is { Service: "kms" } && AwsRegions.IsRegion(value.Region) && value.Resource.Split('/', 2) is ["key" or "alias", { Length: > 0 }];
    }

    public static bool TransitKey(string text, out (string, string)? value)
    {
        var (mount, name) = text.LastIndexOf('/') is > 0 and var slash ? (text[..slash], text[(slash + 1)..]) : ("", text);
        value = (mount, name);
        return VaultPaths.FindPathProblem(mount) is null && VaultPaths.FindNameProblem(name) is null;
    }

    public static bool VaultPath(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return VaultPaths.FindPathProblem(text) is null;
    }

    public static bool AuthMethod(string text, out VaultAuthMethod value)
    {
        value = text switch { "approle" => VaultAuthMethod.AppRole, "token" => VaultAuthMethod.Token, _ => VaultAuthMethod.Kubernetes };
        return text is "kubernetes" or "approle" or "token";
    }

    public static OptionValueParser<int> Number(int least, int most) => (string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= least && value <= most;

    public static OptionValueParser<TimeSpan> Duration(TimeSpan least, TimeSpan most) => (string text, out TimeSpan value) =>
        KubernetesDuration.TryParse(text, out value, out _) && value >= least && value <= most;

    public static OptionValueParser<TimeSpan?> DurationOrAutomatic(TimeSpan least, TimeSpan most) => (string text, out TimeSpan? value) =>
    {
        value = null;
        if (text is "automatic")
        {
            return true;
        }

        var accepted = KubernetesDuration.TryParse(text, out var duration, out _) && duration >= least && duration <= most;
        value = duration;
        return accepted;
    };

    // IPEndPoint.TryParse takes "8402" for the address 0.0.32.210 and "10.1" for 10.0.0.1: nobody means that.
    public static bool EndPoint(string text, [MaybeNullWhen(false)] out IPEndPoint value)
    {
        value = null;
        if (EndPointSyntax().Match(text) is not { Success: true } match
            || !IPAddress.TryParse(match.Groups["v4"].Success ? match.Groups["v4"].Value : match.Groups["v6"].Value, out var address)
            || !ushort.TryParse(match.Groups["port"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return false;
        }

        value = new IPEndPoint(address, port);
        return true;
    }

    private static bool Resolver(string text, [MaybeNullWhen(false)] out IPEndPoint value)
    {
        value = null;
        if ((DottedSyntax().IsMatch(text) || text.Count(c => c == ':') > 1) && !text.Contains('[', StringComparison.Ordinal) && IPAddress.TryParse(text, out var address))
        {
            value = new IPEndPoint(address, DnsServer.DefaultPort);
            return true;
        }

        return EndPoint(text, out value) && value.Port > 0;
    }

    private static bool List<T>(string text, OptionValueParser<T> item, [MaybeNullWhen(false)] out IReadOnlyList<T> value)
    {
        value = null;
        var items = new List<T>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!item(part, out var parsed))
            {
                return false;
            }

            if (!items.Contains(parsed))
            {
                items.Add(parsed);
            }
        }

        value = items;
        return true;
    }

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z")]
    private static partial Regex LabelSyntax();

    [GeneratedRegex(@"^\d{1,3}(?:\.\d{1,3}){3}\z")]
    private static partial Regex DottedSyntax();

    [GeneratedRegex(@"^(?:(?<v4>\d{1,3}(?:\.\d{1,3}){3})|\[(?<v6>[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)\]):(?<port>\d{1,5})\z")]
    private static partial Regex EndPointSyntax();
}

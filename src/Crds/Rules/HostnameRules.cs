using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace CertOperator.Crds.Rules;

/// <summary>
/// What may stand where a policy names a host. Errors start with the field's path and say what to write instead.
/// </summary>
public static class HostnameRules
{
    /// <summary>The most names in one certificate, the hostname included; what public CAs accept.</summary>
    public const int MaxNames = 100;

    private const int MaxNameLength = 253;
    private const int MaxLabelLength = 63;
    private static readonly SearchValues<char> LabelCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

    /// <summary>Null when the name is good, else a sentence. Upper case is good: DNS does not tell it apart; <see cref="Normalise"/> lowers it.</summary>
    /// <param name="name">What the user wrote.</param>
    /// <param name="field">Where, such as <c>spec.additionalNames[3]</c>.</param>
    /// <param name="options">What is allowed there.</param>
    public static string? Check(string? name, string field, HostnameOptions options)
    {
        ArgumentNullException.ThrowIfNull(field);
        ArgumentNullException.ThrowIfNull(options);
        var defect = string.IsNullOrWhiteSpace(name) ? $"is empty; write a DNS name such as www.example.com{(options.AllowIp ? " or an IP address" : "")}" : Defect(name, options);
        return defect is null ? null : $"{field}: {defect}";
    }

    /// <summary>What only shows across the names of one certificate: too many of them, or one twice. Empty when all is well.</summary>
    /// <remarks>A name that the hostname's wildcard covers already is fine: the bare domain's subdomains are often listed for clarity.</remarks>
    public static IReadOnlyList<string> CheckSet(string hostname, IReadOnlyList<string>? additionalNames, int max = MaxNames)
    {
        ArgumentNullException.ThrowIfNull(hostname);
        additionalNames ??= [];
        var count = additionalNames.Count + 1;
        if (count > max)
        {
            return [string.Create(CultureInfo.InvariantCulture, $"spec.additionalNames: {count} names with the hostname, and a certificate holds at most {max}; spread them over several policies")];
        }

        var errors = new List<string>();
        var seen = new Dictionary<string, string>(StringComparer.Ordinal) { [Normalise(hostname)] = "spec.hostname" };
        for (var i = 0; i < additionalNames.Count; i++)
        {
            var field = string.Create(CultureInfo.InvariantCulture, $"spec.additionalNames[{i}]");
            if (!seen.TryAdd(Normalise(additionalNames[i] ?? ""), field))
            {
                errors.Add($"{field}: {InputExcerpt.Of(additionalNames[i] ?? "")} stands in {seen[Normalise(additionalNames[i] ?? "")]} already; remove one of them");
            }
        }

        return errors;
    }

    /// <summary>One spelling per name: lower case, and addresses in their canonical form. Never fails; a bad name stays bad.</summary>
    public static string Normalise(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return TryParseAddress(name, out var address) ? address.ToString() : name.ToLowerInvariant();
    }

    /// <summary>Whether the name is an IPv4 address in dotted form with four parts, or an IPv6 address without brackets or zone.</summary>
    public static bool TryParseAddress(string name, out IPAddress address)
    {
        address = IPAddress.None;
        // IPAddress also reads 127.1, 0x7f.1 and plain numbers, which nobody means in a certificate.
        if (name.Length > 45 || name.Contains('%') || name.StartsWith('[') || !IPAddress.TryParse(name, out var parsed))
        {
            return false;
        }

        if (parsed.AddressFamily == AddressFamily.InterNetwork && parsed.ToString() != name)
        {
            return false;
        }

        address = parsed;
        return true;
    }

    private static string? Defect(string name, HostnameOptions options)
    {
        var shown = InputExcerpt.Of(name);
        if (name.AsSpan().Trim().Length != name.Length || name.Any(char.IsWhiteSpace))
        {
            return $"{shown} holds white space; remove it";
        }

        if (TryParseAddress(name, out var address))
        {
            return !options.AllowIp ? $"{shown} is an IP address, and a DNS name has to stand here"
                : address.IsIPv4MappedToIPv6 ? $"{shown} is an IPv4 address in IPv6 form; write {address.MapToIPv4()}"
                : null;
        }

        return Pasted(name, shown, options) ?? Labels(name, shown, options);
    }

    /// <summary>Things that are copied from a browser or a config file together with the name.</summary>
    private static string? Pasted(string name, string shown, HostnameOptions options)
    {
        if (name.Contains("://", StringComparison.Ordinal))
        {
            return Uri.TryCreate(name, UriKind.Absolute, out var url) && url.Host.Length is > 0 and <= MaxNameLength
                ? $"{shown} is a URL; write its host alone: {InputExcerpt.Of(url.Host)}"
                : $"{shown} is a URL; write its host alone";
        }

        if (name.Contains('/'))
        {
            return $"{shown} holds a slash; write the host alone, without path or network size";
        }

        if (name.StartsWith('['))
        {
            return options.AllowIp
                ? $"{shown} has brackets; write an IPv6 address without brackets and port"
                : $"{shown} is an IP address, and a DNS name has to stand here";
        }

        if (name.Contains('%') && IPAddress.TryParse(name, out _))
        {
            return $"{shown} has a zone, which means something on one machine only; write the address without it";
        }

        if (name.Contains(':'))
        {
            return $"{shown} holds a colon and is no IPv6 address; write the host alone, without a port";
        }

        return name.Contains('@') ? $"{shown} holds an @; write the host alone" : null;
    }

    private static string? Labels(string name, string shown, HostnameOptions options)
    {
        if (name.Length > MaxNameLength)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{shown} is longer than the {MaxNameLength} characters of a DNS name");
        }

        if (name.Any(c => c > 0x7f))
        {
            return InternationalNames.ToAscii(name) is { } ascii
                ? $"{shown} holds characters outside ASCII; write its ASCII form: {InputExcerpt.Of(ascii)}"
                : $"{shown} holds characters outside ASCII; write its ASCII form, with xn-- labels";
        }

        if (name.EndsWith('.'))
        {
            return $"{shown} ends with a dot; write it without";
        }

        var wildcard = name.StartsWith("*.", StringComparison.Ordinal);
        var bare = wildcard ? name[2..] : name;
        if (wildcard && !options.AllowWildcard)
        {
            return $"{shown} is a wildcard, and a single name has to stand here";
        }

        if (bare.Contains('*'))
        {
            return $"{shown} has a wildcard elsewhere than as its whole first label; write it as *.example.com";
        }

        var labels = bare.Split('.');
        if (labels.Length == 1 && (wildcard || !options.AllowSingleLabel))
        {
            return wildcard
                ? $"{shown} is a wildcard right under a top-level name; write at least two labels after the *"
                : $"{shown} is a single label; write the full name with its domain";
        }

        foreach (var label in labels)
        {
            if (LabelDefect(label) is { } defect)
            {
                return $"{shown} {defect}";
            }
        }

        return labels[^1].All(char.IsAsciiDigit)
            ? $"{shown} ends in a number as only IP addresses do, and is none; correct it"
            : null;
    }

    private static string? LabelDefect(string label)
    {
        if (label.Length == 0)
        {
            return "has an empty label; write exactly one dot between labels and none in front";
        }

        if (label.Length > MaxLabelLength)
        {
            return string.Create(CultureInfo.InvariantCulture, $"has a label of {label.Length} characters, and a label has at most {MaxLabelLength}; shorten it");
        }

        if (label.Contains('_'))
        {
            return "has an underscore, which no CA accepts in a host's name; use a hyphen";
        }

        var other = label.AsSpan().IndexOfAnyExcept(LabelCharacters);
        if (other >= 0)
        {
            return $"has the character {InputExcerpt.Of(label[other].ToString())}; use letters, digits, hyphens and dots";
        }

        if (label[0] == '-' || label[^1] == '-')
        {
            return "has a label that starts or ends with a hyphen; remove the hyphen";
        }

        return InternationalNames.IsEncoded(label) && !InternationalNames.Decodes(label)
            ? $"has the label {InputExcerpt.Of(label)}, which is no valid encoding of an international name; correct it"
            : null;
    }
}

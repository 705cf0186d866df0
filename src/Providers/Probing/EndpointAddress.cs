using System.Globalization;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Rules;

namespace CertOperator.Providers.Probing;

/// <summary>A host and a port to dial.</summary>
/// <param name="Host">DNS name in lower case, or IP address in canonical form without brackets.</param>
/// <param name="Port">1 to 65535.</param>
public sealed record EndpointAddress(string Host, int Port)
{
    public const int HttpsPort = 443;

    private const int MaxLength = 300;

    /// <summary>Reads <c>host</c>, <c>host:port</c>, <c>192.0.2.1:port</c>, <c>[2001:db8::1]:port</c> or a bare IPv6 address.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="field">Where, such as <c>spec.verify.endpoints[0]</c>; errors begin with it.</param>
    /// <param name="address">The address; null when false is returned.</param>
    /// <param name="error">A sentence; null when true is returned.</param>
    /// <param name="defaultPort">The port where none is written.</param>
    public static bool TryParse(string? text, string field, out EndpointAddress? address, out string? error, int defaultPort = HttpsPort)
    {
        address = null;
        if (string.IsNullOrWhiteSpace(text))
        {
            error = $"{field}: is empty; write host:port such as www.example.com:443";
            return false;
        }

        if (text.Length > MaxLength)
        {
            error = $"{field}: is longer than any host and port; write host:port such as www.example.com:443";
            return false;
        }

        if (text.Contains("://", StringComparison.Ordinal) || text.Contains('/'))
        {
            error = $"{field}: is a URL or has a path; write host:port alone";
            return false;
        }

        if (!Split(text, out var host, out var portText))
        {
            error = $"{field}: has a bracket without its counterpart or text after it; write [2001:db8::1]:443";
            return false;
        }

        var port = defaultPort;
        if (portText is not null && (!int.TryParse(portText, NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535))
        {
            error = $"{field}: has no port between 1 and 65535 after the colon";
            return false;
        }

        error = HostnameRules.Check(host, field, HostnameOptions.Endpoint);
        address = error is null ? new EndpointAddress(HostnameRules.Normalise(host), port) : null;
        return error is null;
    }

    /// <summary>The port where none is written.</summary>
    /// <param name="startTls">How the server is asked for TLS; null where TLS comes first.</param>
    public static int DefaultPort(StartTlsProtocol? startTls) => startTls switch
    {
        null => HttpsPort,
        StartTlsProtocol.Smtp => 25,
        StartTlsProtocol.Imap => 143,
        StartTlsProtocol.Postgres => 5432,
        _ => throw new ArgumentOutOfRangeException(nameof(startTls)),
    };

    /// <summary>The form that <see cref="TryParse"/> reads, with the port.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(Host.Contains(':') ? $"[{Host}]" : Host)}:{Port}");

    private static bool Split(string text, out string host, out string? port)
    {
        (host, port) = (text, null);
        if (text[0] == '[')
        {
            var end = text.IndexOf(']');
            var rest = end < 0 ? "" : text[(end + 1)..];
            if (end < 0 || (rest.Length > 0 && rest[0] != ':'))
            {
                return false;
            }

            (host, port) = (text[1..end], rest.Length > 0 ? rest[1..] : null);
            return host.Contains(':');
        }

        var colon = text.IndexOf(':');
        if (colon >= 0 && text.IndexOf(':', colon + 1) < 0)
        {
            (host, port) = (text[..colon], text[(colon + 1)..]);
        }

        return true;
    }
}

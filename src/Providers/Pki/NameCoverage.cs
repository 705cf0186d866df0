using System.Net;

namespace CertOperator.Providers.Pki;

/// <summary>Whether a client that connects to a name accepts a certificate for it (RFC 9525, section 6.3).</summary>
public static class NameCoverage
{
    /// <param name="certificate">DNS names, wildcards and IP addresses in the certificate.</param>
    /// <param name="wanted">A DNS name, a wildcard or an IP address.</param>
    public static bool Covers(IEnumerable<string> certificate, string wanted)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(wanted);
        if (IPAddress.TryParse(wanted, out var address))
        {
            return certificate.Any(n => IPAddress.TryParse(n, out var other) && other.Equals(address));
        }

        // A wildcard stands for exactly one label, the leftmost.
        var dot = wanted.IndexOf('.', StringComparison.Ordinal);
        var wildcard = dot > 0 && wanted[0] != '*' ? $"*{wanted[dot..]}" : null;
        return certificate.Any(n => n.Equals(wanted, StringComparison.OrdinalIgnoreCase) || (wildcard is not null && n.Equals(wildcard, StringComparison.OrdinalIgnoreCase)));
    }
}

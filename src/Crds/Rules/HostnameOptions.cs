namespace CertOperator.Crds.Rules;

/// <summary>What a name may be, beyond an ordinary DNS name of two labels or more.</summary>
/// <param name="AllowWildcard">Whether <c>*.example.com</c> may stand there.</param>
/// <param name="AllowIp">Whether an IPv4 or IPv6 address may stand there.</param>
/// <param name="AllowSingleLabel">Whether a name without a dot may stand there, such as a Service's name.</param>
public sealed record HostnameOptions(bool AllowWildcard = false, bool AllowIp = false, bool AllowSingleLabel = false)
{
    /// <summary>DNS names, wildcards and IP addresses: what a certificate can hold.</summary>
    public static readonly HostnameOptions CertificateName = new(AllowWildcard: true, AllowIp: true);

    /// <summary>DNS names, short ones too, and IP addresses: what can be dialled.</summary>
    public static readonly HostnameOptions Endpoint = new(AllowIp: true, AllowSingleLabel: true);
}

using System.Net;

namespace CertOperator.Providers.Egress;

/// <summary>A host resolved to nothing but addresses that the operator must not dial.</summary>
public sealed class EgressDeniedException : IOException
{
    public EgressDeniedException(string host, IPAddress address, EgressRefusal refusal)
        : base(Describe(host, address, refusal))
    {
        Host = host;
        Address = address;
    }

    /// <summary>What the user named.</summary>
    public string Host { get; }

    /// <summary>The first address that was refused.</summary>
    public IPAddress Address { get; }

    private static string Describe(string host, IPAddress address, EgressRefusal refusal)
    {
        var subject = host == address.ToString() ? host : $"{host} resolves to {address}, which";
        return refusal.CanBeAllowed
            ? $"{subject} is {refusal.Reason} and is not dialled; if that is meant, start the operator with --egress-allow {address}/{(address.GetAddressBytes().Length == 4 ? "32" : "128")} or a wider network."
            : $"{subject} is {refusal.Reason} and is never dialled.";
    }
}

using System.Net;

namespace CertOperator.Providers.Egress;

/// <summary>Finds a host's addresses.</summary>
public interface IAddressResolver
{
    /// <exception cref="System.Net.Sockets.SocketException">The name does not resolve.</exception>
    Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken ct);
}

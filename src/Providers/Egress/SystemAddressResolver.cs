using System.Net;

namespace CertOperator.Providers.Egress;

/// <summary>The machine's own resolver.</summary>
public sealed class SystemAddressResolver : IAddressResolver
{
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken ct) => await System.Net.Dns.GetHostAddressesAsync(host, ct);
}

using System.Globalization;
using System.Net;

namespace CertOperator.Providers.Dns;

/// <summary>A name server to ask.</summary>
/// <param name="Name">What a person knows it by.</param>
/// <param name="EndPoint">Where it is.</param>
/// <param name="Trusted">True where whoever runs the operator named it; others are checked before anything is sent to them.</param>
public sealed record DnsServer(string Name, IPEndPoint EndPoint, bool Trusted)
{
    public const int DefaultPort = 53;

    public override string ToString()
        => Name == EndPoint.Address.ToString() || Name == EndPoint.ToString()
            ? EndPoint.ToString()
            : string.Create(CultureInfo.InvariantCulture, $"{Name} ({EndPoint})");
}

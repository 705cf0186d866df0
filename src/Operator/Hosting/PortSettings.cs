using System.Net;

namespace CertOperator.Operator.Hosting;

/// <summary>One port.</summary>
/// <param name="Name">For the log: http-01, metrics, health.</param>
/// <param name="Option">The flag that sets the address, for errors.</param>
/// <param name="EndPoint">Where to listen; port 0 takes a free one.</param>
/// <param name="MaxConnections">Further ones are closed at once.</param>
public sealed record PortSettings(string Name, string Option, IPEndPoint EndPoint, int MaxConnections)
{
    /// <summary>What the port is served with by TLS; null for plain HTTP.</summary>
    public ServingCertificate? Certificate { get; init; }
}

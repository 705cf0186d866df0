using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertOperator.Crds.Runs;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.Probing.Ocsp;

/// <summary>
/// Looks at the OCSP response that a server staples. SslStream keeps it to itself, so a handshake of TLS 1.2, in which it comes in the
/// clear, is begun here and broken off.
/// </summary>
internal static class StapleProbe
{
    private const int MaxIssuers = 10;

    /// <summary>Null where the server staples none, does not speak TLS 1.2, or shows another certificate there.</summary>
    /// <param name="stream">A connection on which TLS is due.</param>
    /// <param name="name">For SNI.</param>
    /// <param name="leaf">What the server has shown before.</param>
    /// <param name="bundle">Where the issuer may be besides in the server's chain.</param>
    /// <param name="now">The time.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="IOException">The connection has ended.</exception>
    public static async Task<OcspStaple?> AskAsync(Stream stream, string name, CertificateFacts leaf, CaBundle? bundle, DateTimeOffset now, CancellationToken ct)
    {
        await stream.WriteAsync(ClientHello.Write(name, RandomNumberGenerator.GetBytes(32)), ct);
        ServerFlight? flight;
        try
        {
            flight = await ServerFlight.ReadAsync(stream, ct);
        }
        catch (InvalidDataException)
        {
            return new OcspStaple { Status = OcspStatus.Invalid, Message = "What the server sent in a handshake of TLS 1.2 is not understood. Check what answers there." };
        }

        if (flight is not { Staple: { } staple } || Convert.ToHexStringLower(SHA256.HashData(flight.Certificates[0].Span)) != leaf.Fingerprint)
        {
            return null;
        }

        using var served = X509CertificateLoader.LoadCertificate(flight.Certificates[0].Span);
        var issuers = flight.Certificates.Skip(1).Take(MaxIssuers).Select(Load).OfType<X509Certificate2>().ToList();
        try
        {
            return StapleJudge.Judge(staple, served, issuers.Concat(bundle?.Certificates ?? []), now);
        }
        finally
        {
            issuers.ForEach(i => i.Dispose());
        }
    }

    private static X509Certificate2? Load(ReadOnlyMemory<byte> der)
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(der.Span);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}

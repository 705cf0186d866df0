using System.Net;
using System.Text;

namespace CertOperator.Providers.Probing.Ocsp;

/// <summary>
/// The first message of a TLS 1.2 handshake that nobody means to end: whatever a server could want is offered, since it is to answer with
/// its certificate and no more.
/// </summary>
internal static class ClientHello
{
    private static readonly byte[] CipherSuites =
    [
        0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30, 0xcc, 0xa9, 0xcc, 0xa8, // ECDHE with GCM and ChaCha20 (RFC 5289, RFC 7905)
        0xc0, 0x23, 0xc0, 0x27, 0xc0, 0x09, 0xc0, 0x13, 0xc0, 0x0a, 0xc0, 0x14, // ECDHE with CBC (RFC 5289, RFC 8422)
        0x00, 0x9e, 0x00, 0x9f, 0x00, 0x9c, 0x00, 0x9d, 0x00, 0x2f, 0x00, 0x35, // DHE and RSA (RFC 5288, RFC 5246)
    ];

    private static readonly byte[] Groups = [0x00, 0x1d, 0x00, 0x17, 0x00, 0x18, 0x00, 0x19];

    /// <summary>ECDSA first, as the platform's own client has it: a server with two certificates is to show the same in both handshakes.</summary>
    private static readonly byte[] SignatureAlgorithms =
    [
        0x04, 0x03, 0x05, 0x03, 0x06, 0x03, 0x08, 0x07, 0x08, 0x04, 0x08, 0x05, 0x08, 0x06, 0x04, 0x01, 0x05, 0x01, 0x06, 0x01,
    ];

    /// <summary>The message in its record (RFC 5246, sections 6.2.1 and 7.4.1.2).</summary>
    /// <param name="name">The server's name; an IP address is left out (RFC 6066, section 3).</param>
    /// <param name="random">32 bytes.</param>
    public static byte[] Write(string name, byte[] random)
    {
        byte[] extensions =
        [
            .. IPAddress.TryParse(name, out _) ? [] : Extension(0, Sized([0, .. Sized(Encoding.ASCII.GetBytes(name))])),
            .. Extension(5, [1, 0, 0, 0, 0]), // status_request for OCSP, from any responder (RFC 6066, section 8)
            .. Extension(10, Sized(Groups)),
            .. Extension(11, [1, 0]), // points without compression (RFC 8422, section 5.1.2)
            .. Extension(13, Sized(SignatureAlgorithms)),
            .. Extension(23, []), // extended_master_secret (RFC 7627)
            .. Extension(0xff01, [0]), // renegotiation_info (RFC 5746)
        ];
        byte[] hello = [3, 3, .. random, 0, .. Sized(CipherSuites), 1, 0, .. Sized(extensions)];
        return [HandshakeReader.HandshakeRecord, 3, 1, .. Sized([1, 0, .. Sized(hello)])];
    }

    private static byte[] Extension(int type, byte[] data) => [(byte)(type >> 8), (byte)type, .. Sized(data)];

    private static byte[] Sized(byte[] data) => [(byte)(data.Length >> 8), (byte)data.Length, .. data];
}

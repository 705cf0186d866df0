using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using CertOperator.Providers.Dns.Protocol;

namespace CertOperator.Providers.Tests.Dns;

/// <summary>Signs answers as a server does, written apart from what it tests.</summary>
internal static class SignedAnswer
{
    public static byte[] Create(string keyName, string secret, byte[] requestMac, DateTimeOffset time, DnsMessage? answer = null)
    {
        var message = DnsWriter.Write(answer ?? new DnsMessage { Id = 77, IsResponse = true, Operation = DnsOperation.Update });
        var name = Wire(keyName);
        var algorithm = Wire("hmac-sha256");
        byte[] seconds = [0, 0, .. BigEndian((uint)time.ToUnixTimeSeconds())];
        byte[] fudge = [1, 44];
        byte[] toSign = [(byte)(requestMac.Length >> 8), (byte)requestMac.Length, .. requestMac, .. message, .. name, 0, 255, 0, 0, 0, 0, .. algorithm, .. seconds, .. fudge, 0, 0, 0, 0];
        var mac = HMACSHA256.HashData(Encoding.ASCII.GetBytes(secret), toSign);
        byte[] data = [.. algorithm, .. seconds, .. fudge, 0, (byte)mac.Length, .. mac, message[0], message[1], 0, 0, 0, 0];
        byte[] signed = [.. message, .. name, 0, 250, 0, 255, 0, 0, 0, 0, (byte)(data.Length >> 8), (byte)data.Length, .. data];
        signed[11]++;
        return signed;
    }

    private static byte[] Wire(string name) => [.. name.Split('.').SelectMany(l => Encoding.ASCII.GetBytes(l).Prepend((byte)l.Length)), 0];

    private static byte[] BigEndian(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}

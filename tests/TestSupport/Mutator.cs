namespace CertOperator.TestSupport;

/// <summary>Spoils good input in the ways that find faults in parsers. The same seed makes the same input, so that a failure can be repeated.</summary>
public static class Mutator
{
    private static readonly byte[][] Nasty =
    [
        "null"u8.ToArray(), "[]"u8.ToArray(), "{}"u8.ToArray(), "-1"u8.ToArray(), "1e999"u8.ToArray(), "99999999999999999999999999"u8.ToArray(), "\"\\ud800\""u8.ToArray(),
        "9999-12-31T23:59:59Z"u8.ToArray(), "0001-01-01T00:00:00+14:00"u8.ToArray(), "2026-02-30T25:61:61Z"u8.ToArray(), [0xff, 0xfe], [0x00], [0xc0], [0xc0, 0x0c], "-----BEGIN CERTIFICATE-----"u8.ToArray(), "-----END CERTIFICATE-----"u8.ToArray(),
        "\r\n"u8.ToArray(), "[[[[[[[[[[[[[[[["u8.ToArray(),
    ];

    /// <summary>One of the samples with one to five faults.</summary>
    public static byte[] Spoil(IReadOnlyList<byte[]> samples, int seed)
    {
        var random = new Random(seed);
        List<byte> bytes = [.. samples[random.Next(samples.Count)]];
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            int at = random.Next(bytes.Count + 1);
            int length = random.Next(0, Math.Min(40, bytes.Count - at) + 1);
            switch (random.Next(7))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, length);
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 4:
                    bytes.InsertRange(at, Nasty[random.Next(Nasty.Length)]);
                    break;
                case 5:
                    bytes.RemoveRange(at, length);
                    bytes.InsertRange(at, Nasty[random.Next(Nasty.Length)]);
                    break;
                case 6:
                    byte[] other = samples[random.Next(samples.Count)];
                    bytes.InsertRange(at, other.AsSpan(random.Next(other.Length)).ToArray().Take(200));
                    break;
            }
        }

        return [.. bytes];
    }
}

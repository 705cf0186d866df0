using CertOperator.Providers.Probing.Ocsp;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Probing.Ocsp;

public sealed class ServerFlightTests
{
    private static readonly byte[] Hello = Message(2, [3, 3, .. new byte[36]]);
    private static readonly byte[] Chain = Message(11, Sized([.. Sized([1, 1, 1]), .. Sized([2, 2])]));
    private static readonly byte[] Status = Message(22, [1, .. Sized([7, 7, 7])]);
    private static readonly byte[] Done = Message(14, []);

    [Test]
    public async Task Certificates_and_the_response_after_them_are_read()
    {
        var flight = await ReadAsync(Record(22, [.. Hello, .. Chain, .. Status, .. Done]));
        Assert.That(flight!.Certificates.Select(c => Convert.ToHexString(c.Span)), Is.EqualTo(new[] { "010101", "0202" }));
        Assert.That(flight.Staple?.ToArray(), Is.EqualTo(new byte[] { 7, 7, 7 }));
        Assert.That((await ReadAsync(Record(22, [.. Hello, .. Chain, .. Done])))!.Staple, Is.Null);
    }

    [Test]
    public async Task Messages_in_many_records_and_many_messages_in_one_are_the_same()
    {
        byte[] all = [.. Hello, .. Chain, .. Status];
        var flight = await ReadAsync([.. Record(21, [1, 112]), .. all.SelectMany(b => Record(22, [b]))]);
        Assert.That(flight!.Staple?.ToArray(), Is.EqualTo(new byte[] { 7, 7, 7 }));
    }

    [Test]
    public async Task An_alert_is_a_refusal()
    {
        Assert.That(await ReadAsync(Record(21, [2, 70])), Is.Null);
        Assert.That(await ReadAsync([.. Record(22, Hello), .. Record(21, [1, 0])]), Is.Null);
    }

    [Test]
    public void What_is_no_handshake_is_not_read_on()
    {
        Assert.That(() => ReadAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray()), Throws.InstanceOf<InvalidDataException>());
        Assert.That(() => ReadAsync(Record(22, Chain)), Throws.InstanceOf<InvalidDataException>());
        Assert.That(() => ReadAsync(Record(22, [.. Hello, .. Message(11, Sized([])), .. Done])), Throws.InstanceOf<InvalidDataException>());
        byte[] endless = [.. Record(22, [.. Hello, 11, 0xff, 0xff, 0xff]), .. Enumerable.Repeat(Record(22, new byte[16384]), 10).SelectMany(r => r)];
        Assert.That(() => ReadAsync(endless), Throws.InstanceOf<InvalidDataException>());
        Assert.That(() => ReadAsync(Record(22, Hello)), Throws.InstanceOf<IOException>());
    }

    [Test]
    public async Task A_spoilt_handshake_is_read_or_refused()
    {
        byte[][] samples = [Record(22, [.. Hello, .. Chain, .. Status, .. Done]), [.. Record(22, Hello), .. Record(22, Chain), .. Record(22, Status), .. Record(22, Done)], Record(21, [2, 40])];
        int refused = 0;
        for (int seed = 0; seed < 20_000; seed++)
        {
            byte[] bytes = Mutator.Spoil(samples, seed);
            try
            {
                await ReadAsync(bytes);
            }
            catch (Exception e) when (e is InvalidDataException or IOException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, {Convert.ToHexString(bytes)}: {e}");
            }
        }

        Assert.That(refused, Is.InRange(1000, 19_999));
    }

    private static async Task<ServerFlight?> ReadAsync(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        return await ServerFlight.ReadAsync(stream, CancellationToken.None);
    }

    private static byte[] Record(byte type, byte[] data) => [type, 3, 3, (byte)(data.Length >> 8), (byte)data.Length, .. data];

    private static byte[] Message(byte type, byte[] body) => [type, .. Sized(body)];

    private static byte[] Sized(byte[] data) => [0, (byte)(data.Length >> 8), (byte)data.Length, .. data];
}

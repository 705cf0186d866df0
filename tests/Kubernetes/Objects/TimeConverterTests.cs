using System.Text.Json;
using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Objects;

public sealed class TimeConverterTests
{
    [TestCase("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z")]
    [TestCase("2024-02-29T23:59:59.999999Z", "2024-02-29T23:59:59Z")]
    [TestCase("2024-01-01T02:00:00+02:00", "2024-01-01T00:00:00Z")]
    [TestCase("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z")]
    [TestCase("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z")]
    public void Time_is_written_in_whole_seconds_of_UTC(string read, string written)
    {
        var secret = JsonSerializer.Deserialize($$$"""{"metadata":{"creationTimestamp":"{{{read}}}"}}""", KubernetesJsonContext.Default.Secret)!;

        Assert.That(JsonSerializer.Serialize(secret, KubernetesJsonContext.Default.Secret), Does.Contain($"\"creationTimestamp\":\"{written}\""));
    }

    [TestCase("2024-01-01T00:00:00.123456Z", "2024-01-01T00:00:00.123456Z")]
    [TestCase("2024-01-01T00:00:00Z", "2024-01-01T00:00:00.000000Z")]
    [TestCase("2024-01-01T00:00:00.1234567Z", "2024-01-01T00:00:00.123456Z")]
    [TestCase("2024-01-01T01:00:00.5+01:00", "2024-01-01T00:00:00.500000Z")]
    public void Micro_time_is_written_with_six_digits_in_UTC(string read, string written)
    {
        var lease = JsonSerializer.Deserialize($$$"""{"spec":{"renewTime":"{{{read}}}"}}""", KubernetesJsonContext.Default.Lease)!;

        Assert.That(JsonSerializer.Serialize(lease, KubernetesJsonContext.Default.Lease), Does.Contain($"\"spec\":{{\"renewTime\":\"{written}\"}}"));
    }

    [Test]
    public void Time_that_is_null_is_absent()
    {
        var secret = JsonSerializer.Deserialize("""{"metadata":{"creationTimestamp":null}}""", KubernetesJsonContext.Default.Secret)!;

        Assert.That(secret.Metadata.CreationTimestamp, Is.Null);
        Assert.That(JsonSerializer.Serialize(secret, KubernetesJsonContext.Default.Secret), Does.Not.Contain("creationTimestamp"));
    }

    [TestCase("\"\"")]
    [TestCase("\"yesterday\"")]
    [TestCase("17")]
    public void What_is_no_time_is_refused(string json) =>
        Assert.That(
            () => JsonSerializer.Deserialize($$$"""{"metadata":{"creationTimestamp":{{{json}}}}}""", KubernetesJsonContext.Default.Secret),
            Throws.InstanceOf<JsonException>());
}

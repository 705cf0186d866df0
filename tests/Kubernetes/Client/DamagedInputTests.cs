using System.Text;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Client;

/// <summary>Input with bytes changed, left out and repeated at random ends in what the client promises to throw, and in nothing else.</summary>
public sealed class DamagedInputTests
{
    private const int Rounds = 3000;

    [TestCase(1)]
    [TestCase(2)]
    public void Kubeconfig_is_read_or_complained_about(int seed)
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("config");
        const string Good =
            """
            current-context: &c x
            clusters: [{name: c, cluster: {server: "https://api.test", certificate-authority-data: !!binary aGk=, tls-server-name: null}}]
            users:
            - name: u
              user: {token: |-
                t, exec: ~}
            contexts: [{name: *c, context: {cluster: c, user: u, namespace: 'shop'}}]
            ? key
            : {<<: &d {a: b}, e: *d}
            """;
        ForEachDamaged(Encoding.UTF8.GetBytes(Good), seed, bytes =>
        {
            File.WriteAllBytes(path, bytes);
            try
            {
                KubernetesClientConfiguration.Load(path);
                return true;
            }
            catch (KubernetesConfigurationException e)
            {
                return e.Message.Contains(path, StringComparison.Ordinal);
            }
        });
    }

    [TestCase("&a [*a]")]
    [TestCase("? &a [*a]\n: x")]
    [TestCase("&a {*a : *a}")]
    [TestCase("a: &a x\n*a : y")]
    [TestCase("{[x]: y}")]
    [TestCase("clusters: &a [{name: x, cluster: {server: *a}}]")]
    [TestCase("users: &u [*u]")]
    [TestCase("current-context: *nowhere")]
    [TestCase("a: 1\na: 2")]
    [TestCase("\u0000")]
    public void Strange_YAML_is_complained_about(string yaml)
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.File("config"), yaml);

        Assert.That(() => KubernetesClientConfiguration.Load(directory.File("config")), Throws.InstanceOf<KubernetesConfigurationException>());
    }

    [TestCase(3)]
    [TestCase(4)]
    public async Task Watch_is_read_or_ends_in_a_fault(int seed)
    {
        var good = Encoding.UTF8.GetBytes(
            """
            {"type":"ADDED","object":{"kind":"Secret","metadata":{"name":"ä","resourceVersion":"1","creationTimestamp":"2024-01-01T00:00:00Z","labels":{"a":"b"}},"data":{"k":"dg=="}}}
            {"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"3"}}}
            {"type":"ERROR","object":{"kind":"Status","code":410,"details":{"retryAfterSeconds":1,"causes":[{"field":"x"}]}}}

            """);
        foreach (var bytes in Damaged(good, seed))
        {
            try
            {
                await foreach (var _ in new FakeApiServer().Answer(new MemoryStream(bytes)).Client().Resource(CoreResources.Secrets).WatchAsync(new WatchOptions(), default))
                {
                    // Whatever it shows is of the right type.
                }
            }
            catch (KubernetesException)
            {
                // As promised.
            }
        }
    }

    private static void ForEachDamaged(byte[] good, int seed, Func<byte[], bool> isAsPromised)
    {
        foreach (var bytes in Damaged(good, seed))
        {
            Assert.That(isAsPromised(bytes), Is.True, () => Encoding.UTF8.GetString(bytes));
        }
    }

    private static IEnumerable<byte[]> Damaged(byte[] good, int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = new List<byte>(good);
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var at = random.Next(bytes.Count);
                switch (random.Next(4))
                {
                    case 0:
                        bytes[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        bytes[at] = bytes[random.Next(bytes.Count)];
                        break;
                    case 2:
                        bytes.RemoveRange(at, Math.Min(random.Next(1, 20), bytes.Count - at - 1));
                        break;
                    default:
                        bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 20), bytes.Count - at)));
                        break;
                }
            }

            yield return [.. bytes];
        }
    }
}

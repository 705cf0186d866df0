using System.Text;
using System.Text.Json.Nodes;
using CertOperator.Acme.Tests.Fakes;

namespace CertOperator.Acme.Tests.Client;

/// <summary>Whatever a server sends in place of a resource, it is read, or refused as <see cref="AcmeProtocolException"/>; nothing else comes out.</summary>
public sealed class MalformedResourceTests
{
    private static readonly string[] Strange = ["null", "5", "-1e999", "true", "\"\"", "\"x\"", "\"\\ud800\"", "[]", "{}", "[null]", "[5]", "[[]]", "[{}]", "{\"a\":{}}", "\"https://\""];

    private static IEnumerable<TestCaseData> All()
    {
        yield return Case("directory", new FakeAcmeServer().Directory, (ca, answer) =>
        {
            ca.Server.OnGet("/directory", answer);
            return ca.Client.GetDirectoryAsync(default);
        });
        yield return Case("renewal information", Resources.RenewalInfo, (ca, answer) =>
        {
            ca.Server.OnGet("/renewal-info/a.b", answer);
            return ca.Client.GetRenewalInfoAsync(CertificateId.Parse("a.b"), default);
        });
        yield return Signed("account", Resources.Account, (account, url) => account.GetAsync(default));
        yield return Signed("order", Resources.Order, (account, url) => account.GetOrderAsync(url, default));
        yield return Signed("authorization", Resources.Authorization, (account, url) => account.GetAuthorizationAsync(url, default));
        yield return Signed("challenge", Resources.Challenge, (account, url) => account.GetChallengeAsync(url, default));
        yield return Signed("order list", Resources.OrderList, async (account, url) =>
        {
            await foreach (var order in account.ListOrdersAsync(url, default))
            {
                Assert.That(order.IsAbsoluteUri);
            }
        });
    }

    [TestCaseSource(nameof(All))]
    public async Task A_well_formed_resource_is_read(string resource, string good, Func<FakeCa, FakeResponse, Task> read) =>
        Assert.That(await OutcomeAsync(Encoding.UTF8.GetBytes(good), read), Is.Null, resource);

    [TestCaseSource(nameof(All))]
    public async Task What_is_no_such_json_is_a_protocol_error(string resource, string good, Func<FakeCa, FakeResponse, Task> read)
    {
        byte[][] bodies =
        [
            [], .. new[] { "null", "5", "\"x\"", "[]", "{}", "{", "{\"status\":", "<html></html>", "{}{}" }.Select(Encoding.UTF8.GetBytes),
            [0xff, 0xfe, 0x00], Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("[", 5000))),
            Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"error\":", 5000))),
        ];
        foreach (var body in bodies)
        {
            Assert.That(await OutcomeAsync(body, read), Is.InstanceOf<AcmeProtocolException>(), $"{resource}: {Encoding.UTF8.GetString(body[..Math.Min(40, body.Length)])}");
        }
    }

    [TestCaseSource(nameof(All))]
    public async Task Any_member_of_another_type_is_read_or_refused(string resource, string good, Func<FakeCa, FakeResponse, Task> read)
    {
        foreach (var mutated in Mutations(good))
        {
            var outcome = await OutcomeAsync(Encoding.UTF8.GetBytes(mutated), read);
            Assert.That(outcome, Is.Null.Or.InstanceOf<AcmeProtocolException>(), $"{resource}: {mutated}");
        }
    }

    [TestCaseSource(nameof(All))]
    public async Task Broken_bytes_are_read_or_refused(string resource, string good, Func<FakeCa, FakeResponse, Task> read)
    {
        var random = new Random(8555);
        for (var i = 0; i < 300; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(good);
            for (var flips = random.Next(1, 4); flips > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            bytes = i % 3 == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
            var outcome = await OutcomeAsync(bytes, read);
            Assert.That(outcome, Is.Null.Or.InstanceOf<AcmeProtocolException>(), $"{resource}: {Encoding.Latin1.GetString(bytes)}");
        }
    }

    private static TestCaseData Case(string resource, string good, Func<FakeCa, FakeResponse, Task> read) =>
        new TestCaseData(resource, good, read).SetArgDisplayNames(resource.Replace(' ', '_'));

    private static TestCaseData Signed(string resource, string good, Func<AcmeAccountClient, Uri, Task> read) => Case(resource, good, async (ca, answer) =>
    {
        ca.Server.OnPost("/account/1", answer);
        await read(await ca.NewAccountAsync(), FakeCa.Url("/account/1"));
    });

    /// <summary>Every member in turn left out, and replaced by each strange value.</summary>
    private static IEnumerable<string> Mutations(string good)
    {
        var paths = Paths(JsonNode.Parse(good)!).ToList();
        foreach (var path in paths)
        {
            var without = JsonNode.Parse(good)!;
            var parent = Follow(without, path[..^1]);
            if (parent is JsonObject o)
            {
                o.Remove((string)path[^1]);
                yield return without.ToJsonString();
            }

            const string Marker = "\"@here@\"";
            var marked = JsonNode.Parse(good)!;
            Set(Follow(marked, path[..^1]), path[^1], JsonNode.Parse(Marker)!);
            var text = marked.ToJsonString();
            foreach (var strange in Strange)
            {
                yield return text.Replace(Marker, strange, StringComparison.Ordinal);
            }
        }
    }

    private static IEnumerable<object[]> Paths(JsonNode node)
    {
        IEnumerable<(object Step, JsonNode Child)> children = node switch
        {
            JsonObject o => o.Select(p => ((object)p.Key, p.Value!)),
            JsonArray a => a.Select((n, i) => ((object)i, n!)),
            _ => [],
        };
        foreach (var (step, child) in children)
        {
            yield return [step];
            foreach (var rest in Paths(child))
            {
                yield return [step, .. rest];
            }
        }
    }

    private static JsonNode Follow(JsonNode node, object[] path) =>
        path.Aggregate(node, (n, step) => step is string name ? n[name]! : n[(int)step]!);

    private static void Set(JsonNode parent, object step, JsonNode value)
    {
        if (step is string name)
        {
            parent[name] = value;
        }
        else
        {
            parent[(int)step] = value;
        }
    }

    private static async Task<Exception?> OutcomeAsync(byte[] body, Func<FakeCa, FakeResponse, Task> read)
    {
        using var ca = new FakeCa();
        try
        {
            await read(ca, FakeResponse.Of(200, "application/json; charset=utf-8", body));
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }
}

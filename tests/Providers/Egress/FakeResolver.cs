using System.Net;
using System.Net.Sockets;
using CertOperator.Providers.Egress;

namespace CertOperator.Providers.Tests.Egress;

/// <summary>Answers from a table; each further answer for a name comes from the next row, the last one again and again.</summary>
internal sealed class FakeResolver : IAddressResolver
{
    private readonly Dictionary<string, Queue<string[]>> _answers = [];

    public List<string> Asked { get; } = [];

    public FakeResolver Answer(string host, params string[] addresses)
    {
        if (!_answers.TryGetValue(host, out var rows))
        {
            _answers[host] = rows = new Queue<string[]>();
        }

        rows.Enqueue(addresses);
        return this;
    }

    public Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken ct)
    {
        Asked.Add(host);
        if (!_answers.TryGetValue(host, out var rows))
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        var row = rows.Count > 1 ? rows.Dequeue() : rows.Peek();
        return Task.FromResult<IReadOnlyList<IPAddress>>([.. row.Select(IPAddress.Parse)]);
    }
}

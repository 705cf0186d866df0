using System.IO.Pipelines;
using CertOperator.Crds.Policies;
using CertOperator.Operator.Hosting;
using CertOperator.Operator.Telemetry;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Telemetry;

public sealed class MetricStreamingTests
{
    [Test]
    public async Task Ten_thousand_policies_never_wait_in_memory_whole()
    {
        var metrics = new CertOperatorMetrics(new BuildInformation("1.0.0", "abc"));
        metrics.AddPolicies(new CertOperatorMetricsTests.Policies([.. Enumerable.Range(0, 10_000).Select(Policy)]));
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1024 * 1024, resumeWriterThreshold: 512 * 1024));

        var writing = Task.Run(async () =>
        {
            await metrics.Registry.WriteAsync(pipe.Writer, CancellationToken.None);
            await pipe.Writer.CompleteAsync();
        });
        var (lines, most) = await ReadAsync(pipe.Reader);
        await writing;

        Assert.Multiple(() =>
        {
            Assert.That(lines, Is.GreaterThan(10_000 * 11));
            Assert.That(most, Is.LessThan(2 * 1024 * 1024));
        });
    }

    [Test]
    public async Task A_reader_that_goes_away_ends_the_writing()
    {
        var metrics = new CertOperatorMetrics(new BuildInformation("1.0.0", "abc"));
        metrics.AddPolicies(new CertOperatorMetricsTests.Policies([.. Enumerable.Range(0, 10_000).Select(Policy)]));
        var response = new AbandonedResponse();

        await metrics.Registry.WriteAsync(response, CancellationToken.None);

        Assert.That(response.Flushes, Is.EqualTo(1));
        Assert.That(response.Written, Is.LessThan(128 * 1024), "of more than ten megabytes");
    }

    private static async Task<(long Lines, long Most)> ReadAsync(PipeReader reader)
    {
        long lines = 0, most = 0;
        while (true)
        {
            var result = await reader.ReadAsync();
            most = Math.Max(most, result.Buffer.Length);
            foreach (var segment in result.Buffer)
            {
                lines += segment.Span.Count((byte)'\n');
            }

            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return (lines, most);
            }
        }
    }

    private static PolicyMetrics Policy(int i) => new()
    {
        Namespace = $"team-{i % 100}",
        Policy = $"host-{i}",
        Hostname = $"host-{i}.example.com",
        Provider = CertificateProviderKind.Acme,
        Phase = PolicyPhase.Idle,
        NotBefore = DateTimeOffset.UnixEpoch,
        NotAfter = DateTimeOffset.UnixEpoch,
        RenewalTime = DateTimeOffset.UnixEpoch,
        Endpoints = [new EndpointMetrics($"host-{i}.example.com:443", true, true, DateTimeOffset.UnixEpoch)],
    };

    /// <summary>Says at each flush that nobody reads any more.</summary>
    private sealed class AbandonedResponse : PipeWriter
    {
        private readonly byte[] _buffer = new byte[64 * 1024];

        public int Flushes { get; private set; }

        public long Written { get; private set; }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            Flushes++;
            return ValueTask.FromResult(new FlushResult(isCanceled: false, isCompleted: true));
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => _buffer;

        public override Span<byte> GetSpan(int sizeHint = 0) => _buffer;

        public override void Advance(int bytes) => Written += bytes;

        public override void CancelPendingFlush()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }
    }
}

using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Harness;

public sealed class ToolProcessTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Test]
    public async Task A_run_gives_both_outputs_and_the_exit_code()
    {
        ToolResult result = await ToolProcess.RunAsync("sh", ["-c", "cat; echo bad >&2; exit 3"], new ToolOptions { AllowFailure = true, Input = "good\n" });

        Assert.That(result, Is.EqualTo(new ToolResult(3, "good\n", "bad\n")));
    }

    [Test]
    public async Task A_failure_says_what_ran_and_what_it_wrote()
    {
        ToolFailedException? error = await Assert.ThrowsAsync<ToolFailedException>(() => ToolProcess.RunAsync("sh", ["-c", "echo the reason; exit 4"]));

        Assert.That(error!.Message, Does.Contain("exit code 4").And.Contain("the reason"));
    }

    [Test]
    public async Task A_line_can_be_awaited_and_a_signal_ends_the_program()
    {
        await using ToolProcess tool = ToolProcess.Start("sh", ["-c", "echo ready; exec sleep 300"]);

        await tool.WaitForLineAsync(line => line == "ready", Long);
        tool.Signal(ToolSignal.Terminate);

        Assert.That(await tool.WaitForExitAsync(Long), Is.EqualTo(128 + 15));
    }

    [Test]
    public async Task Awaiting_a_line_ends_with_the_program()
    {
        await using ToolProcess tool = ToolProcess.Start("sh", ["-c", "echo something else"]);

        await Assert.ThrowsAsync<ToolFailedException>(() => tool.WaitForLineAsync(line => line == "ready", Long));
    }

    [Test]
    public void Ports_are_handed_out_once()
    {
        int[] ports = [.. Enumerable.Range(0, 50).AsParallel().Select(_ => FreePort.Next())];

        Assert.That(ports, Is.Unique);
        Assert.That(ports, Has.All.InRange(20_000, 32_000));
    }
}

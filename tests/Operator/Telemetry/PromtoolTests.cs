using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Telemetry;

[Category("Component")]
public sealed class PromtoolTests
{
    [Test]
    public async Task Promtool_finds_no_fault_in_the_names_and_the_format()
    {
        await ToolProcess.RunAsync(Repository.PathOf("hack", "install-tools.sh"), ["promtool"]);
        var text = await MetricTextTests.Text(CertOperatorMetricsTests.Example().Registry);

        var result = await ToolProcess.RunAsync("promtool", ["check", "metrics"], new ToolOptions { Input = text, AllowFailure = true });

        Assert.That((result.ExitCode, result.Output + result.Error), Is.EqualTo((0, "")));
    }
}

using CertOperator.EndToEnd.Harness;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Monitoring;

/// <summary>The commands of the runbooks, run as they stand there.</summary>
public sealed class RunbookTests : ClusterTest
{
    [Test]
    public async Task Every_command_in_the_runbooks_works()
    {
        await Cluster.StartOperatorAsync(new OperatorSettings { LeaderElect = true });
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.WaitUntilReadyAsync(policy.Name);

        IReadOnlyList<string> failures = await RunAsync(policy, [.. RunbookPage.Runbooks(), RunbookPage.Read("docs/renewal-failures.md"), RunbookPage.Read("docs/operations.md")]);

        Assert.That(failures, Is.Empty);
    }

    [Test]
    public async Task The_ways_out_of_an_expired_certificate_work()
    {
        await Cluster.StartOperatorAsync();
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.WaitUntilReadyAsync(policy.Name);

        IReadOnlyList<string> failures = await RunAsync(policy, [RunbookPage.Read("docs/expired-certificates.md")]);

        Assert.That(failures, Is.Empty);
    }

    /// <returns>What failed, with where it stands and what the shell said.</returns>
    private async Task<IReadOnlyList<string>> RunAsync(PolicyBuilder policy, IReadOnlyList<RunbookPage> pages)
    {
        using var directory = new TemporaryDirectory();
        var options = new ToolOptions
        {
            AllowFailure = true,
            WorkingDirectory = directory.Path,
            Environment = new Dictionary<string, string?>
            {
                ["KUBECONFIG"] = Cluster.ControlPlane.KubeconfigPath,
                ["NS"] = Cluster.Namespace,
                ["POLICY"] = policy.Name,
                ["SECRET"] = policy.SecretName,
                ["OPERATOR_NS"] = Cluster.Namespace,
            },
        };
        List<string> failures = [];
        foreach (RunbookPage page in pages)
        {
            foreach (ShellBlock block in page.Blocks.Where(b => b.Mark.Length == 0))
            {
                ToolResult result = await ToolProcess.RunAsync("bash", ["-eu", "-o", "pipefail", "-c", block.Commands], options);
                // jq and kubectl say on standard error what they did not understand, also where they go on.
                string complaints = string.Join('\n', result.Error.Split('\n').Where(l => l.Length > 0 && !l.StartsWith("No resources found", StringComparison.Ordinal) && !l.StartsWith("Warning:", StringComparison.Ordinal)));
                if (result.ExitCode != 0 || complaints.Length > 0)
                {
                    failures.Add($"{page.Path}:{block.Line} ended with {result.ExitCode}: {complaints}\n{block.Commands}");
                }
            }
        }

        return failures;
    }
}

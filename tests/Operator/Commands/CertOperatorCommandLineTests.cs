using CertOperator.Crds;
using CertOperator.Operator.Commands;
using CertOperator.Operator.Hosting;
using CertOperator.Operator.Options;
using CertOperator.Operator.Tests.Fakes;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Commands;

public sealed class CertOperatorCommandLineTests
{
    private readonly List<OperatorOptions> _runs = [];
    private StringWriter _output = new();
    private StringWriter _error = new();

    [SetUp]
    public void Clear()
    {
        _runs.Clear();
        _output = new StringWriter();
        _error = new StringWriter();
    }

    [TestCase("run --workers 3", TestName = "run_with_a_flag")]
    [TestCase("--workers=3", TestName = "run_is_the_default")]
    [TestCase("--workers 3 run", TestName = "A_flag_before_run")]
    public async Task Runs(string arguments)
    {
        var exit = await Invoke(arguments);

        Assert.That((exit, _runs.Single().Workers), Is.EqualTo((7, 3)), _error.ToString());
    }

    [TestCase("run --leader-elect", true)]
    [TestCase("run --leader-elect=false", false)]
    [TestCase("run --leader-elect false --workers 2", false)]
    [TestCase("run --leader-elect --workers 2", true)]
    public async Task A_switch_may_stand_alone(string arguments, bool expected)
    {
        await Invoke(arguments);

        Assert.That(_runs.Single().LeaderElect, Is.EqualTo(expected));
    }

    [Test]
    public async Task A_list_may_be_given_at_once_or_piece_by_piece()
    {
        await Invoke("run --namespaces a,b --namespaces c");

        Assert.That(_runs.Single().Namespaces, Is.EqualTo(new[] { "a", "b", "c" }));
    }

    [Test]
    public async Task Variables_are_read()
    {
        await Invoke("run", new Dictionary<string, string> { ["CERTOPERATOR_WORKERS"] = "5" });

        Assert.That(_runs.Single().Workers, Is.EqualTo(5));
    }

    [Test]
    public async Task All_wrong_options_are_listed_with_exit_code_2()
    {
        var exit = await Invoke("run --workers 0 --wokers 3 --log-level", new Dictionary<string, string> { ["CERTOPERATOR_LOG_FORMAT"] = "xml" });

        Assert.Multiple(() =>
        {
            Assert.That(exit, Is.EqualTo(ExitCodes.WrongOptions));
            Assert.That(_runs, Is.Empty);
            Assert.That(_error.ToString(), Does.Contain("--workers: \"0\""));
            Assert.That(_error.ToString(), Does.Contain("--wokers"));
            Assert.That(_error.ToString(), Does.Contain("--log-level"));
            Assert.That(_error.ToString(), Does.Contain("CERTOPERATOR_LOG_FORMAT: \"xml\""));
        });
    }

    [TestCase("serve", TestName = "An_unknown_subcommand_is_wrong")]
    [TestCase("crds --outptu x", TestName = "An_unknown_flag_of_another_subcommand_is_wrong")]
    [TestCase("run --workers 1 --workers 2", TestName = "A_value_given_twice_is_wrong")]
    [TestCase("run @file", TestName = "A_response_file_is_not_read")]
    public async Task Wrong(string arguments)
    {
        Assert.That(await Invoke(arguments), Is.EqualTo(ExitCodes.WrongOptions));
    }

    [Test]
    public async Task Help_lists_every_option_with_its_variable()
    {
        var exit = await Invoke("run --help");

        Assert.That(exit, Is.EqualTo(ExitCodes.Ended));
        foreach (var option in OptionTable.All)
        {
            Assert.That(_output.ToString(), Does.Contain(option.Flag).And.Contain(option.EnvironmentVariable));
        }
    }

    [Test]
    public async Task Version_is_one_line()
    {
        var exit = await Invoke("version");

        Assert.That((exit, _output.ToString()), Is.EqualTo((0, $"certoperator {BuildInformation.Current.Version} (commit {BuildInformation.Current.Commit}){Environment.NewLine}")));
    }

    [Test]
    public async Task Crds_prints_every_kind()
    {
        await Invoke("crds");

        Assert.That(_output.ToString().Split("\n---\n"), Has.Length.EqualTo(EntityTypes.All.Count + 1));
    }

    [Test]
    public async Task Crds_writes_a_file_for_each_kind()
    {
        using var directory = new TemporaryDirectory();

        await Invoke("crds --output " + directory.File("crds"));

        Assert.That(
            Directory.GetFiles(directory.File("crds")).Select(Path.GetFileName),
            Is.SupersetOf(new[] { "certificaterenewalpolicies.certoperator.io.yaml", "certificaterenewalruns.certoperator.io.yaml" }));
    }

    [Test]
    public async Task Docs_writes_the_reference_pages()
    {
        using var directory = new TemporaryDirectory();

        await Invoke("docs --output " + directory.Path);

        Assert.Multiple(() =>
        {
            Assert.That(File.ReadAllText(directory.File("options.md")), Does.Contain("| `--workers N` | `CERTOPERATOR_WORKERS` | 8 |"));
            Assert.That(File.ReadAllText(directory.File("metrics.md")), Does.Contain("| `certoperator_policy_phase` | gauge | `namespace`, `policy`, `phase` |"));
        });
    }

    [Test]
    public async Task A_place_that_cannot_be_written_fails_with_exit_code_1()
    {
        Assert.That(await Invoke("crds --output /dev/null/x"), Is.EqualTo(ExitCodes.Failed));
        Assert.That(_error.ToString(), Does.StartWith("certoperator: "));
    }

    private Task<int> Invoke(string arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var host = new CommandLineHost
        {
            Run = (options, _) =>
            {
                _runs.Add(options);
                return Task.FromResult(7);
            },
            EntityTypes = EntityTypes.All,
            Connect = (_, _) => new InMemoryCluster(),
            Output = _output,
            Error = _error,
            Environment = environment ?? new Dictionary<string, string>(),
        };
        return new CertOperatorCommandLine(host).InvokeAsync(arguments.Split(' '), CancellationToken.None);
    }
}

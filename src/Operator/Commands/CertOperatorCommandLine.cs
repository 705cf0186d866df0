using System.CommandLine;
using CertOperator.Operator.Hosting;
using CertOperator.Operator.Options;

namespace CertOperator.Operator.Commands;

/// <summary>The <c>certoperator</c> command: <c>run</c> (also without a subcommand), <c>crds</c>, <c>rules</c>, <c>inventory</c> and <c>version</c>.</summary>
public sealed class CertOperatorCommandLine
{
    private readonly CommandLineHost _host;
    private readonly RunFlags _flags = new();
    private readonly RootCommand _root = new("CertOperator renews TLS certificates in Kubernetes.");
    private readonly Command _run = new("run", "Runs the operator; the default.");

    public CertOperatorCommandLine(CommandLineHost host)
    {
        _host = host;
        _root.Options.Remove(_root.Options.Single(o => o is VersionOption));
        foreach (var command in new[] { _root, _run })
        {
            _flags.AddTo(command);
            command.SetAction((parsed, ct) => RunAsync(parsed, ct));
        }

        _root.Subcommands.Add(_run);
        _root.Subcommands.Add(CrdsCommand.Create(host));
        _root.Subcommands.Add(RulesCommand.Create(host));
        _root.Subcommands.Add(InventoryCommand.Create(host));
        _root.Subcommands.Add(VersionCommand.Create(host));
        _root.Subcommands.Add(DocsCommand.Create(host));
    }

    /// <summary>Does what the arguments ask and gives the exit code of <see cref="ExitCodes"/>.</summary>
    public async Task<int> InvokeAsync(IReadOnlyList<string> arguments, CancellationToken ct)
    {
        var parsed = _root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        if (parsed.Errors.Count > 0)
        {
            var errors = parsed.Errors.Select(e => e.Message);
            if (parsed.CommandResult.Command == _root || parsed.CommandResult.Command == _run)
            {
                errors = errors.Concat(OptionsParser.Parse(Sources(parsed)).Errors);
            }

            return WrongOptions(parsed.CommandResult.Command == _root ? _run.Name : parsed.CommandResult.Command.Name, errors);
        }

        try
        {
            // Signals are ShutdownSignal's business, so System.CommandLine's own time limit on them is off.
            return await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = _host.Output,
                    Error = _host.Error,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null,
                },
                ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _host.Error.WriteLine($"certoperator: {e.Message}");
            return ExitCodes.Failed;
        }
    }

    private Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var result = OptionsParser.Parse(Sources(parsed));
        foreach (var warning in result.Warnings)
        {
            _host.Error.WriteLine($"certoperator: warning: {warning}");
        }

        return result.Options is { } options ? _host.Run(options, ct) : Task.FromResult(WrongOptions(_run.Name, result.Errors));
    }

    private OptionSources Sources(ParseResult parsed) => new()
    {
        Flags = _flags.Read(parsed),
        Environment = _host.Environment,
        PodNamespace = _host.PodNamespace,
    };

    private int WrongOptions(string command, IEnumerable<string> errors)
    {
        _host.Error.WriteLine("certoperator: wrong options:");
        foreach (var error in errors.Distinct())
        {
            _host.Error.WriteLine($"  {error}");
        }

        _host.Error.WriteLine($"`certoperator {command} --help` lists what there is.");
        return ExitCodes.WrongOptions;
    }
}

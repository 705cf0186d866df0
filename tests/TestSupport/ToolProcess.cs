using System.Diagnostics;
using System.Runtime.InteropServices;

namespace CertOperator.TestSupport;

/// <summary>A program started by a test. Disposing kills it if it still runs.</summary>
public sealed class ToolProcess : IAsyncDisposable
{
    private static readonly TimeSpan ExitAfterKill = TimeSpan.FromSeconds(20);
    private readonly Process _process;
    private readonly ToolOutput _output = new();
    private readonly ToolOutput _error = new();
    private readonly StreamWriter? _log;
    private readonly Lock _logLock = new();
    private readonly string _commandLine;

    private ToolProcess(string file, IReadOnlyList<string> arguments, ToolOptions options)
    {
        _commandLine = $"{file} {string.Join(' ', arguments)}";
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = options.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = ToolPaths.SearchPath;
        foreach ((string name, string? value) in options.Environment)
        {
            start.Environment[name] = value;
        }

        _log = options.LogFile is null ? null : new StreamWriter(options.LogFile, append: true) { AutoFlush = true };
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Received(_output, e.Data);
        _process.ErrorDataReceived += (_, e) => Received(_error, e.Data);
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Of a program that has ended; 128 + the signal's number when a signal ended it.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>The lines on standard output so far.</summary>
    public IReadOnlyList<string> OutputLines => _output.Snapshot();

    /// <summary>The lines on standard error so far.</summary>
    public IReadOnlyList<string> ErrorLines => _error.Snapshot();

    /// <summary>Starts a program and leaves it running.</summary>
    public static ToolProcess Start(string file, IReadOnlyList<string> arguments, ToolOptions? options = null)
    {
        options ??= new ToolOptions();
        var tool = new ToolProcess(file, arguments, options);
        tool._process.Start();
        tool._process.BeginOutputReadLine();
        tool._process.BeginErrorReadLine();
        if (options.Input is not null)
        {
            tool._process.StandardInput.Write(options.Input);
        }

        tool._process.StandardInput.Close();
        return tool;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="ToolFailedException">It failed, or did not end before the deadline.</exception>
    public static async Task<ToolResult> RunAsync(string file, IReadOnlyList<string> arguments, ToolOptions? options = null, CancellationToken ct = default)
    {
        options ??= new ToolOptions();
        await using ToolProcess tool = Start(file, arguments, options);
        int exitCode = await tool.WaitForExitAsync(options.Deadline, ct);
        if (exitCode != 0 && !options.AllowFailure)
        {
            throw new ToolFailedException($"'{tool._commandLine}' ended with exit code {exitCode}.\n{tool.Tail()}");
        }

        return new ToolResult(exitCode, tool._output.Text(), tool._error.Text());
    }

    /// <summary>Sends a signal; a program that has ended already is fine.</summary>
    public void Signal(ToolSignal signal)
    {
        if (!_process.HasExited)
        {
            Send(_process.Id, signal);
        }
    }

    /// <summary>Sends a signal to any process by its pid.</summary>
    public static void Send(int pid, ToolSignal signal)
    {
        const int NoSuchProcess = 3;
        if (NativeKill(pid, (int)signal) != 0 && Marshal.GetLastPInvokeError() is var error and not NoSuchProcess)
        {
            throw new InvalidOperationException($"kill({pid}, {signal}) failed: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    /// <summary>Waits until the program has ended and all its output has been read; gives its exit code.</summary>
    /// <exception cref="ToolFailedException">It still runs when the deadline has passed.</exception>
    public async Task<int> WaitForExitAsync(TimeSpan deadline, CancellationToken ct = default)
    {
        using var timeout = new CancellationTokenSource(deadline, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);
        try
        {
            await _process.WaitForExitAsync(either.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new ToolFailedException($"'{_commandLine}' had not ended after {deadline}.\n{Tail()}");
        }

        return _process.ExitCode;
    }

    /// <summary>Waits for a line on standard output or standard error, also one that is there already.</summary>
    /// <exception cref="ToolFailedException">None came before the deadline or the program's end.</exception>
    public async Task<string> WaitForLineAsync(Func<string, bool> wanted, TimeSpan deadline, CancellationToken ct = default)
    {
        using var timeout = new CancellationTokenSource(deadline, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);
        Task exited = _process.WaitForExitAsync(either.Token);
        while (true)
        {
            // Taken before the lines are looked at, so that one that comes in between is not missed.
            Task changed = Task.WhenAny(_output.Changed, _error.Changed);
            bool ended = exited.IsCompleted;
            if (OutputLines.Concat(ErrorLines).FirstOrDefault(wanted) is { } line)
            {
                return line;
            }

            ct.ThrowIfCancellationRequested();
            if (ended)
            {
                throw new ToolFailedException($"'{_commandLine}' did not write the awaited line.\n{Tail()}");
            }

            await Task.WhenAny(changed, exited);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await WaitForExitAsync(ExitAfterKill);
        }

        _process.Dispose();
        lock (_logLock)
        {
            _log?.Dispose();
        }
    }

    private void Received(ToolOutput into, string? line)
    {
        if (line is null)
        {
            return;
        }

        into.Add(line);
        if (_log is not null)
        {
            lock (_logLock)
            {
                _log.WriteLine(line);
            }
        }
    }

    private string Tail() => string.Join('\n', OutputLines.TakeLast(60).Concat(ErrorLines.TakeLast(60)));

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeKill(int pid, int signal);
}

using System.Runtime.InteropServices;
using CertOperator.Benchmarks;
using CertOperator.Benchmarks.Bare;
using CertOperator.Benchmarks.Measurements;
using CertOperator.Benchmarks.Reporting;

if (args is ["bare", var settings])
{
    return await BareProgram.RunAsync(settings);
}

IReadOnlyList<IMeasurement> all = [new ApplyToSecret(), new Renewals(500), new Renewals(2000), new RunRequests(), new FailingSinks(2000), new BatchRenewals(1000), new ProviderChoices(10_000), new VaultSigningRequests(), new KmsSigningRequests(), new Footprint(0), new Footprint(500), new Footprint(5_000), new Footprint(10_000), new Footprint(50_000)];
if (!BenchOptions.TryParse(args, all, out var options, out var error))
{
    Console.Error.WriteLine(error);
    return error.StartsWith("usage", StringComparison.Ordinal) ? 0 : 2;
}

using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    // What was started has to be ended, so the process must not end at once.
    signal.Cancel = true;
    stop.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

var sheet = new FigureSheet(Console.Out);
var failed = false;
foreach (var measurement in all.Where(options.Selects))
{
    try
    {
        sheet.Say($"measuring {string.Join(", ", measurement.Figures)}");
        await measurement.RunAsync(options, sheet, stop.Token);
    }
    catch (Exception) when (stop.IsCancellationRequested)
    {
        sheet.Say("interrupted");
        return 130;
    }
    catch (Exception e)
    {
        failed = true;
        sheet.Say($"FAILED: {e.Message}");
    }
}

sheet.WriteTable(await Machine.DescribeAsync());
return failed ? 1 : 0;

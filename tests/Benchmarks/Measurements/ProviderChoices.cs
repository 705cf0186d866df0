using System.Diagnostics;
using System.Globalization;
using CertOperator.Benchmarks.Reporting;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.Operator.Costs;

namespace CertOperator.Benchmarks.Measurements;

/// <summary>Choosing the cheapest provider for many policies with a reason for each other one, next to the least that finds the cheapest.</summary>
public sealed class ProviderChoices(int count) : IMeasurement
{
    private const int Rounds = 5;
    private static readonly CertificateProviderKind[] All = Enum.GetValues<CertificateProviderKind>();

    public IReadOnlyList<string> Figures { get; } = [$"choose_{count.ToString(CultureInfo.InvariantCulture)}_seconds", $"choose_{count.ToString(CultureInfo.InvariantCulture)}_floor_seconds"];

    public Task RunAsync(BenchOptions options, FigureSheet sheet, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(sheet);
        var settings = new CertificateRenewalSettings { Spec = new SettingsSpec { PreferredProviders = [CertificateProviderKind.Acme], Costs = [new ProviderCost { Provider = CertificateProviderKind.Acme, PerName = "0.75" }] } };
        ProviderQuestion[] questions = [.. Enumerable.Range(0, count).Select(i => new ProviderQuestion
        {
            Names = i % 3 == 0 ? [$"*.h{i}.example.com", $"h{i}.example.com"] : [$"h{i}.example.com"],
            Challenge = i % 2 == 0 ? ChallengeKind.Dns01 : null,
            KeyBackend = i % 5 == 0 ? KeyBackendKind.Vault : KeyBackendKind.Local,
            Allowed = All,
            Preferred = settings.Spec.PreferredProviders!,
            Prices = PriceList.Of(settings),
        })];
        var chosen = new List<double>();
        var floor = new List<double>();
        for (var round = 0; round <= Rounds; round++)
        {
            var started = Stopwatch.GetTimestamp();
            var answers = questions.Count(q => CheapestProvider.Choose(q).Provider is not null);
            var choosing = Stopwatch.GetElapsedTime(started).TotalSeconds;
            started = Stopwatch.GetTimestamp();
            var prices = questions.Sum(q => q.Allowed.Min(p => q.Prices.Find(p, exportable: false)!.Of(q.Names)));
            var bare = Stopwatch.GetElapsedTime(started).TotalSeconds;
            if (answers != count || prices < 0)
            {
                throw new InvalidOperationException("A question has no answer.");
            }

            // The first round is the compiler's.
            if (round > 0)
            {
                chosen.Add(choosing);
                floor.Add(bare);
            }
        }

        sheet.Add(new Figure(Figures[0], chosen.Median(), "s", Aim.AtMost(1), chosen.Spread() + "; seven providers each, with a sentence for those passed over"));
        sheet.Add(new Figure(Figures[1], floor.Median(), "s", null, floor.Spread() + "; the least of seven prices and nothing else"));
        return Task.CompletedTask;
    }
}

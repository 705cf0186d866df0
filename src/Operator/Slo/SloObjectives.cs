using System.Globalization;
using System.Text.RegularExpressions;
using CertOperator.Crds.Settings;

namespace CertOperator.Operator.Slo;

/// <summary>What is promised, and where that is taken to be in danger. Shares are between 0 and 1.</summary>
public sealed record SloObjectives
{
    /// <summary>Stands for the alert's name in <see cref="RunbookUrl"/>.</summary>
    public const string AlertPlaceholder = "{alert}";

    public static SloObjectives Default { get; } = new();

    public decimal Freshness { get; init; } = 0.995m;

    public decimal Served { get; init; } = 0.995m;

    public decimal Renewal { get; init; } = 0.99m;

    public decimal OverdueBelow { get; init; } = 0.7m;

    public decimal ExpiringBelow { get; init; } = 0.25m;

    public int WarningDays { get; init; } = 30;

    public int CriticalDays { get; init; } = 7;

    public string RunbookUrl { get; init; } = $"https://certoperator.io/runbooks/{AlertPlaceholder}";

    /// <summary>The objectives of a namespace. The API server has checked the settings; what it let pass in spite of that is the default.</summary>
    public static SloObjectives From(SloSettings? settings)
        => settings is null
            ? Default
            : new SloObjectives
            {
                Freshness = Share(settings.Freshness) ?? Default.Freshness,
                Served = Share(settings.Served) ?? Default.Served,
                Renewal = Share(settings.Renewal) ?? Default.Renewal,
                OverdueBelow = settings.OverduePercentage / 100m ?? Default.OverdueBelow,
                ExpiringBelow = settings.ExpiringPercentage / 100m ?? Default.ExpiringBelow,
                WarningDays = settings.WarningDays ?? Default.WarningDays,
                CriticalDays = settings.CriticalDays ?? Default.CriticalDays,
                RunbookUrl = settings.RunbookUrl is { } url && IsRunbookUrl(url) ? url : Default.RunbookUrl,
            };

    /// <summary>Whether it is a page, and no template that Prometheus would expand: what was stored before the schema refused that is checked here.</summary>
    public static bool IsRunbookUrl(string url) => Regex.IsMatch(url, SloSettings.RunbookPattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    public string RunbookOf(string alert) => RunbookUrl.Replace(AlertPlaceholder, alert, StringComparison.Ordinal);

    private static decimal? Share(string? percent)
        => decimal.TryParse(percent, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value is >= 94 and < 100 ? value / 100 : null;
}

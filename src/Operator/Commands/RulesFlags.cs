using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using CertOperator.Crds.Settings;
using CertOperator.Operator.Slo;

namespace CertOperator.Operator.Commands;

/// <summary>The flags of <c>rules</c> that say what is promised; the same as <c>spec.slo</c> in settings, and values of the chart.</summary>
internal sealed class RulesFlags
{
    private static readonly SloObjectives Default = SloObjectives.Default;

    private readonly Option<string> _freshness = Percent("--freshness", "Share of the certificates, in percent, that are renewed in time.", Default.Freshness);
    private readonly Option<string> _served = Percent("--served", "Share of the endpoints, in percent, that serve the certificate in the Secret.", Default.Served);
    private readonly Option<string> _renewal = Percent("--renewal", "Share of the policies, in percent, whose last renewal succeeded.", Default.Renewal);
    private readonly Option<int> _overdue = Within("--overdue-percentage", "A renewal is overdue when less than this share of its time is left.", (int)(Default.OverdueBelow * 100), 99);
    private readonly Option<int> _expiring = Within("--expiring-percentage", "Somebody is woken when less than this share of that time is left.", (int)(Default.ExpiringBelow * 100), 99);
    private readonly Option<int> _warning = Within("--warning-days", "Where nobody renews: a ticket when the certificate ends in so many days.", Default.WarningDays, 365);
    private readonly Option<int> _critical = Within("--critical-days", "Where nobody renews: somebody is woken when it ends in so many days.", Default.CriticalDays, 365);
    private readonly Option<string> _runbooks = Checked(
        new Option<string>("--runbook-url")
        {
            HelpName = "URL",
            Description = $"The page that alerts link to; {SloObjectives.AlertPlaceholder} stands for the alert's name.",
            DefaultValueFactory = _ => Default.RunbookUrl,
        },
        SloObjectives.IsRunbookUrl,
        $"give an http or https address without spaces, and without braces but for {SloObjectives.AlertPlaceholder}");

    public IEnumerable<Option> All => [_freshness, _served, _renewal, _overdue, _expiring, _warning, _critical, _runbooks];

    public SloObjectives Read(ParseResult parsed) => SloObjectives.From(new SloSettings
    {
        Freshness = parsed.GetRequiredValue(_freshness),
        Served = parsed.GetRequiredValue(_served),
        Renewal = parsed.GetRequiredValue(_renewal),
        OverduePercentage = parsed.GetRequiredValue(_overdue),
        ExpiringPercentage = parsed.GetRequiredValue(_expiring),
        WarningDays = parsed.GetRequiredValue(_warning),
        CriticalDays = parsed.GetRequiredValue(_critical),
        RunbookUrl = parsed.GetRequiredValue(_runbooks),
    });

    private static Option<string> Percent(string name, string description, decimal share) => Checked(
        new Option<string>(name) { HelpName = "PERCENT", Description = description, DefaultValueFactory = _ => (share * 100).ToString("0.##", CultureInfo.InvariantCulture) },
        text => Regex.IsMatch(text, SloSettings.ObjectivePattern, RegexOptions.CultureInvariant),
        "give a percentage from 94 to 99.99, such as 99.5");

    private static Option<int> Within(string name, string description, int otherwise, int most) => Checked(
        new Option<int>(name) { HelpName = "NUMBER", Description = description, DefaultValueFactory = _ => otherwise },
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= 1 && value <= most,
        $"give a whole number from 1 to {most}");

    private static Option<T> Checked<T>(Option<T> option, Predicate<string> fits, string advice)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !fits(text))
            {
                result.AddError($"{option.Name}: {advice}.");
            }
        });
        return option;
    }
}

using System.Globalization;
using System.Text.Json;
using CertOperator.Crds.Settings;
using CertOperator.Operator.Options;
using CertOperator.Operator.Slo;
using CertOperator.TestSupport;
using NUnit.Framework;
using YamlDotNet.RepresentationModel;

namespace CertOperator.EndToEnd.Chart;

/// <summary>What the chart makes of values, without a cluster.</summary>
[Category("Component")]
public sealed class ChartRenderTests
{
    private static readonly string Golden = Repository.PathOf("tests", "EndToEnd", "Chart", "Golden", "default.yaml");

    [Test]
    public async Task Helm_finds_no_fault() => Assert.That(await Helm.RunAsync(["lint", "--strict", Helm.Chart]), Does.Contain("0 chart(s) failed"));

    [Test]
    public async Task The_default_values_give_what_they_gave_before()
    {
        string rendered = await Helm.TemplateAsync("certoperator", "certoperator-system");

        Assert.That(
            rendered,
            Is.EqualTo(await File.ReadAllTextAsync(Golden)),
            $"Where that is meant: helm template certoperator charts/cert-operator --namespace certoperator-system --kube-version 1.20.2 > {Golden}");
    }

    [TestCase("unknown=1", "unknown")]
    [TestCase("image.unknown=1", "unknown")]
    [TestCase("operator.unknown=1", "unknown")]
    [TestCase("metrics.unknown=1", "unknown")]
    [TestCase("metrics.serviceMonitor.bearerTokenSecret=1", "bearerTokenSecret")]
    [TestCase("rbac.unknown=1", "unknown")]
    [TestCase("inventory.unknown=1", "unknown")]
    [TestCase("inventory.interval=often", "interval")]
    [TestCase("replicaCount=many", "replicaCount")]
    [TestCase("operator.logLevel=loud", "logLevel")]
    [TestCase("masterKey.wrapped.unknown=1", "unknown")]
    [TestCase("masterKey.wrapped.vault.auth=ldap", "auth")]
    [TestCase("masterKey.wrapped.vault.address=http://vault.example.com", "address")]
    [TestCase("masterKey.wrapped.kms.key=alias/certoperator", "key")]
    [TestCase("image.digest=latest", "digest")]
    [TestCase("namespaces={Shop}", "namespaces")]
    [TestCase("prometheusRule.objectives.unknown=99", "unknown")]
    [TestCase("prometheusRule.objectives.freshness=100", "freshness")]
    [TestCase("prometheusRule.objectives.served=93.5", "served")]
    [TestCase("prometheusRule.overduePercentage=0", "overduePercentage")]
    [TestCase("prometheusRule.criticalDays=400", "criticalDays")]
    [TestCase("prometheusRule.enabled=true,prometheusRule.objectives.served=null", "__burn_served_14.4__")]
    [TestCase("prometheusRule.runbookUrl=https://x/{{alert}}", "runbookUrl")]
    [TestCase("metrics.port=8402", "metrics.port: 8402 is taken by http-01")]
    [TestCase("metrics.port=8403", "metrics.port: 8403 is taken by the health checks")]
    [TestCase("metrics.serviceMonitor.scrapeTimeout=1m", "metrics.serviceMonitor.scrapeTimeout: 1m is longer than metrics.serviceMonitor.interval, 30s")]
    [TestCase("metrics.serviceMonitor.interval=9s500ms", "metrics.serviceMonitor.scrapeTimeout: 10s is longer than")]
    [TestCase("masterKey.wrapped.vault.address=https://vault.example.com", "masterKey.wrapped.vault.key: name")]
    [TestCase("masterKey.wrapped.vault.key=transit/certoperator", "masterKey.wrapped.vault.address: name")]
    [TestCase("networkPolicy.egress=null", "networkPolicy.egress: without a rule")]
    public async Task Values_that_mean_nothing_are_refused_with_their_name(string value, string named)
    {
        await Helm.RunAsync(["version"]);
        ToolResult result = await ToolProcess.RunAsync(Helm.Program, ["template", "x", Helm.Chart, "--set", value], new ToolOptions { AllowFailure = true });

        Assert.That(result.ExitCode, Is.Not.Zero);
        Assert.That(result.Error, Does.Contain(named));
    }

    [TestCase("metrics.serviceMonitor.interval=1m,metrics.serviceMonitor.scrapeTimeout=60s")]
    [TestCase("networkPolicy.enabled=false,networkPolicy.egress=null")]
    public async Task Values_at_the_edge_are_taken(string values) =>
        Assert.That(ChartObjects.OfKind(await Helm.TemplateAsync("x", "certs", "--set", values), "Deployment"), Has.Exactly(1).Items);

    [Test]
    public async Task The_README_has_each_value_with_its_default()
    {
        YamlMappingNode values = Parse(await Helm.RunAsync(["show", "values", Helm.Chart]))[0];
        string readme = await File.ReadAllTextAsync(Path.Combine(Helm.Chart, "README.md"));
        var told = readme.Split('\n').Where(l => l.StartsWith("| `", StringComparison.Ordinal) && l.Split('`').Length >= 5).ToDictionary(l => l.Split('`')[1], l => l.Split('`')[3]);

        Assert.That(
            told.Select(t => $"{t.Key} = {t.Value}").Order(StringComparer.Ordinal),
            Is.EqualTo(Leaves(values, "").Select(l => $"{l.Key} = {Json(l.Value)}").Order(StringComparer.Ordinal)));
    }

    [Test]
    public async Task The_flags_of_the_Deployment_are_options_of_the_operator()
    {
        string rendered = await Helm.TemplateAsync(
            "x", "certs", "--set", "namespaces={shop,web}", "--set", "metrics.tls.secretName=m", "--set", "masterKey.existingSecret=k", "--set", "operator.egressAllow={10.0.0.0/8,fd00::/8}", "--set", "operator.dnsResolvers={10.96.0.10}", "--set", "inventory.enabled=true,inventory.interval=1h");
        Dictionary<string, string> flags = ChartObjects.Arguments(rendered).Skip(1).Select(a => a.Split('=', 2)).ToDictionary(a => a[0], a => a[1]);
        OptionsResult result = OptionsParser.Parse(new OptionSources { Flags = flags });

        Assert.That(result.Errors, Is.Empty);
        Assert.That(flags.Keys, Is.SubsetOf(OptionTable.All.Select(o => o.Flag)));
        Assert.That(result.Options!.Namespaces, Is.EqualTo(new[] { "shop", "web" }));
        Assert.That((result.Options.Inventory, result.Options.InventoryInterval), Is.EqualTo((true, TimeSpan.FromHours(1))));
        Assert.That((result.Options.Http01Service?.ToString(), result.Options.MasterKeyFile, result.Options.MetricsAuth), Is.EqualTo(("certs/x-cert-operator-http01", "/etc/certoperator/master-key/keys", true)));
    }

    [Test]
    public async Task Each_option_for_master_keys_has_a_value()
    {
        MasterKeyWrappingOptions by = await WrappingAsync(
            "kms.key=arn:aws:kms:eu-central-1:111122223333:alias/certoperator", "kms.endpoint=https://kms.example.com", "vault.address=https://vault.example.com", "vault.key=transit/certoperator",
            "vault.namespace=team", "vault.auth=approle", "vault.authMount=login", "vault.role=certoperator", "vault.credential.secretName=login", "vault.credential.key=secret-id", "ca.configMapName=ca");

        Assert.That((by.KmsKey?.Resource, by.KmsEndpoint, by.VaultAddress), Is.EqualTo(("alias/certoperator", new Uri("https://kms.example.com"), new Uri("https://vault.example.com"))));
        Assert.That(by.VaultKey, Is.EqualTo(("transit", "certoperator")));
        Assert.That((by.VaultNamespace, by.VaultAuth, by.VaultAuthMount, by.VaultRole), Is.EqualTo(("team", VaultAuthMethod.AppRole, "login", "certoperator")));
        Assert.That((by.VaultCredentialFile, by.CaFile), Is.EqualTo(("/etc/certoperator/vault/secret-id", "/etc/certoperator/master-key-ca/ca.crt")));
        Assert.That((await WrappingAsync("vault.address=https://vault.example.com", "vault.key=transit/certoperator", "vault.role=certoperator", "vault.audience=vault")).VaultCredentialFile, Is.EqualTo("/etc/certoperator/vault/token"));
        Assert.That(OptionTable.All.Count(o => o.Flag.StartsWith("--master-key-", StringComparison.Ordinal)), Is.EqualTo(11), "these ten and --master-key-file; a further one needs a value");
    }

    [Test]
    public async Task Rules_are_in_the_chart_where_they_were_generated()
    {
        string rendered = await Helm.TemplateAsync("x", "certs", "--set", "prometheusRule.enabled=true", "--set", "prometheusRule.labels.release=prometheus");
        string file = Path.Combine(Helm.Chart, "files", "slo-rules.yaml");
        string[] groups = [.. ChartObjects.OfKind(rendered, "PrometheusRule").SelectMany(r => (YamlSequenceNode)r["spec"]["groups"]).Select(g => g["name"].ToString())];

        Assert.That(groups, File.Exists(file) ? Is.EqualTo(((YamlSequenceNode)Parse(await File.ReadAllTextAsync(file))[0]["groups"]).Select(g => g["name"].ToString())) : Is.Empty);
    }

    [Test]
    public async Task The_rules_of_the_default_values_are_those_of_the_file_for_Prometheus() =>
        Assert.That(await RulesAsync(), Is.EqualTo(Json(Parse(await File.ReadAllTextAsync(Repository.PathOf("config", "prometheus", "slo.yml")))[0])));

    [TestCase("94", "99.99", "97.25", 60, 20, 45, 10, "https://wiki.example.com/a$1/${alert}#of-{alert}:")]
    [TestCase("99", "95.5", "99.9", 1, 99, 365, 1, "http://x")]
    public async Task The_rules_of_other_values_are_those_that_settings_give_a_namespace(string freshness, string served, string renewal, int overdue, int expiring, int warning, int critical, string runbooks)
    {
        var settings = new SloSettings
        {
            Freshness = freshness,
            Served = served,
            Renewal = renewal,
            OverduePercentage = overdue,
            ExpiringPercentage = expiring,
            WarningDays = warning,
            CriticalDays = critical,
            RunbookUrl = runbooks,
        };
        var expected = new StringWriter();
        RulesYaml.Write(SloRules.Build(SloObjectives.From(settings), RuleScope.Fleet), expected);
        string values = $"""
            prometheusRule:
              objectives:
                freshness: "{freshness}"
                served: {served}
                renewal: "{renewal}"
              overduePercentage: {overdue}
              expiringPercentage: {expiring}
              warningDays: {warning}
              criticalDays: {critical}
              runbookUrl: '{runbooks}'
            """;
        using var folder = new TemporaryDirectory();
        await File.WriteAllTextAsync(folder.File("values.yaml"), values);

        string rendered = await RulesAsync("--values", folder.File("values.yaml"));

        Assert.That(rendered, Is.EqualTo(Json(Parse(expected.ToString())[0])).And.Contains(runbooks.Replace("{alert}", "RenewalFailures", StringComparison.Ordinal)));
    }

    /// <summary>The rules of the chart's PrometheusRule, in one line.</summary>
    private static async Task<string> RulesAsync(params IReadOnlyList<string> arguments) =>
        Json(ChartObjects.OfKind(await Helm.TemplateAsync("x", "certs", ["--set", "prometheusRule.enabled=true", .. arguments]), "PrometheusRule").Single()["spec"]);

    private static async Task<MasterKeyWrappingOptions> WrappingAsync(params IEnumerable<string> values)
    {
        string rendered = await Helm.TemplateAsync("x", "certs", [.. values.SelectMany(v => new[] { "--set", $"masterKey.wrapped.{v}" })]);
        OptionsResult result = OptionsParser.Parse(new OptionSources { Flags = ChartObjects.Arguments(rendered).Skip(1).Select(a => a.Split('=', 2)).ToDictionary(a => a[0], a => a[1]) });
        Assert.That(result.Errors, Is.Empty);
        return result.Options!.MasterKeyWrapping;
    }

    private static IReadOnlyList<YamlMappingNode> Parse(string yaml) => ChartObjects.Parse(yaml);

    private static IEnumerable<(string Key, YamlNode Value)> Leaves(YamlMappingNode map, string prefix) =>
        map.SelectMany(entry => entry.Value is YamlMappingNode { Children.Count: > 0 } inner && prefix + entry.Key is not ("resources" or "dashboard.labels")
            ? Leaves(inner, $"{prefix}{entry.Key}.")
            : [($"{prefix}{entry.Key}", entry.Value)]);

    /// <summary>A value as the README shows it.</summary>
    private static string Json(YamlNode node) => node switch
    {
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: "true" or "false" } plain => plain.Value,
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: { } number } when int.TryParse(number, CultureInfo.InvariantCulture, out _) => number,
        YamlScalarNode scalar => JsonSerializer.Serialize(scalar.Value),
        YamlSequenceNode list => $"[{string.Join(", ", list.Select(Json))}]",
        YamlMappingNode map => $"{{{string.Join(", ", map.Select(e => $"{JsonSerializer.Serialize(e.Key.ToString())}: {Json(e.Value)}"))}}}",
        _ => throw new InvalidOperationException(node.ToString()),
    };
}

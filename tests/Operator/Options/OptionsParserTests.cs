using System.Net;
using CertOperator.Operator.Options;
using CertOperator.TestSupport;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Options;

public sealed class OptionsParserTests
{
    [Test]
    public void Nothing_given_means_the_defaults()
    {
        var result = OptionsParser.Parse(new OptionSources());

        Assert.That(result.Errors, Is.Empty);
        AssertSame(result.Options!, new OperatorOptions());
    }

    [Test]
    public void The_default_that_the_help_shows_is_the_one_that_holds()
    {
        var words = new[] { "kubeconfig", "context", "namespaces", "http01-service", "lease-namespace", "egress-allow", "dns-resolvers", "master-key-file", "secret-check-interval", "metrics-tls-cert-file", "metrics-tls-key-file" }.Concat(OptionTable.All.Select(o => o.Name).Where(n => n.StartsWith("master-key-", StringComparison.Ordinal) && n != "master-key-vault-auth"));
        foreach (var option in OptionTable.All.Where(o => !words.Contains(o.Name)))
        {
            var applied = option.Apply(new OperatorOptions(), option.Default);

            Assert.That(applied, Is.Not.Null, option.Name);
            AssertSame(applied!, new OperatorOptions());
        }
    }

    [Test]
    public void A_flag_wins_over_a_variable_and_a_variable_over_the_file()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.File("o.yaml"), "workers: 2\nmax-running: 20\nlease-name: from-file\n");

        var options = Parse(
            ["--workers=4", "--config=" + directory.File("o.yaml")],
            ["CERTOPERATOR_WORKERS=3", "CERTOPERATOR_MAX_RUNNING=30"]).Options!;

        Assert.That((options.Workers, options.MaxRunning, options.LeaseName), Is.EqualTo((4, 30, "from-file")));
    }

    [TestCase("o.yaml", "namespaces: [a, b]\nworkers: 2\nhttp01-listen: '[::]:8402'\nleader-elect: false\n", TestName = "A_file_may_be_YAML")]
    [TestCase("o.json", """{"namespaces": ["a", "b"], "workers": 2, "http01-listen": "[::]:8402", "leader-elect": false}""", TestName = "A_file_may_be_JSON")]
    [TestCase("o", "# words\n---\nnamespaces: a,b\nworkers: '2'\nhttp01-listen: \"[::]:8402\"\nleader-elect: 'false'", TestName = "A_list_may_be_one_text")]
    public void Read_from_a_file(string name, string content)
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.File(name), content);

        var result = Parse([], ["CERTOPERATOR_CONFIG=" + directory.File(name)]);

        Assert.That(result.Errors, Is.Empty);
        Assert.Multiple(() =>
        {
            Assert.That(result.Options!.Namespaces, Is.EqualTo(new[] { "a", "b" }));
            Assert.That(result.Options.Workers, Is.EqualTo(2));
            Assert.That(result.Options.Http01Listen, Is.EqualTo(new IPEndPoint(IPAddress.IPv6Any, 8402)));
            Assert.That(result.Options.LeaderElect, Is.False);
        });
    }

    [Test]
    public void Every_error_is_listed_and_names_its_source()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.File("o.yaml");
        File.WriteAllText(file, "workers: many\nworker: 3\nmax-running: {a: b}\nlog-level: loud\n");

        var result = Parse(
            ["--workers=0", "--config=" + file, "--shutdown-timeout=20"],
            ["CERTOPERATOR_EGRESS_ALLOW=10.0.0.0/8,10.1", "CERTOPERATOR_LOG_FORMAT=xml"]);

        Assert.That(result.Options, Is.Null);
        Assert.That(result.Errors, Is.EquivalentTo(new[]
        {
            $"{file}: worker is not an option; `certoperator run --help` lists them.",
            $"{file}: max-running is not a value or a list of values.",
            $"{file}: workers: \"many\" is not accepted; give a whole number from 1 to 256.",
            "--workers: \"0\" is not accepted; give a whole number from 1 to 256.",
            "CERTOPERATOR_EGRESS_ALLOW: \"10.0.0.0/8,10.1\" is not accepted; 10.1 is no network; write it as 10.0.0.0/8 or fd00::/8.",
            $"{file}: log-level: \"loud\" is not accepted; give trace, debug, info, warn or error.",
            "CERTOPERATOR_LOG_FORMAT: \"xml\" is not accepted; give json or text.",
            "--shutdown-timeout: \"20\" is not accepted; give a duration from 1s to 10m such as 20s.",
        }));
    }

    [Test]
    public void Where_master_keys_are_unwrapped_is_read_from_options_of_its_own()
    {
        var wrapping = Parse(
            ["--master-key-kms-key=arn:aws:kms:eu-central-1:111122223333:alias/certoperator", "--master-key-vault-address=https://vault.example.com:8200", "--master-key-vault-key=team/transit/certoperator", "--master-key-vault-auth=approle", "--master-key-vault-role=abc", "--master-key-vault-credential-file=/s"],
            []).Options!.MasterKeyWrapping;
        Assert.That((wrapping.KmsKey!.Region, wrapping.KmsKey.Resource, wrapping.VaultAddress, wrapping.VaultKey), Is.EqualTo(("eu-central-1", "alias/certoperator", new Uri("https://vault.example.com:8200"), ((string, string)?)("team/transit", "certoperator"))));
        Assert.That((wrapping.VaultAuth, wrapping.VaultRole, wrapping.VaultCredentialPath), Is.EqualTo((VaultAuthMethod.AppRole, "abc", "/s")));
    }

    [TestCase("--master-key-kms-key=alias/certoperator", "--master-key-kms-key: \"alias/certoperator\" is not accepted")]
    [TestCase("--master-key-kms-key=arn:aws:s3:eu-central-1:111122223333:key/a", "is not accepted")]
    [TestCase("--master-key-kms-endpoint=http://kms.example.com", "is not accepted; give an https URL")]
    [TestCase("--master-key-kms-endpoint=https://kms.example.com", "without --master-key-kms-key")]
    [TestCase("--master-key-vault-address=https://vault.example.com", "go together")]
    [TestCase("--master-key-vault-key=transit/certoperator", "go together")]
    [TestCase("--master-key-vault-key=../sys/certoperator", "is not accepted")]
    [TestCase("--master-key-vault-key=certoperator", "is not accepted")]
    [TestCase("--master-key-vault-auth=ldap", "give kubernetes, approle or token")]
    [TestCase("--master-key-vault-role=certoperator", "without --master-key-vault-address")]
    [TestCase("--master-key-ca-file=/ca", "without --master-key-kms-key and --master-key-vault-address")]
    [TestCase("--master-key-vault-address=https://v --master-key-vault-key=t/k", "--master-key-vault-role is missing")]
    [TestCase("--master-key-vault-address=https://v --master-key-vault-key=t/k --master-key-vault-auth=token", "--master-key-vault-credential-file is missing; name the file with the token")]
    [TestCase("--master-key-vault-address=https://v --master-key-vault-key=t/k --master-key-vault-auth=token --master-key-vault-credential-file=/t --master-key-vault-role=r", "a token has no role")]
    public void Options_for_unwrapping_that_do_not_go_together_are_refused(string flags, string said)
        => Assert.That(Parse(flags.Split(' '), []).Errors, Has.Exactly(1).Contains(said));

    [TestCase("{", "is neither JSON nor YAML", TestName = "A_file_that_is_neither_JSON_nor_YAML_is_an_error")]
    [TestCase("a: 1\na: 2", "is neither JSON nor YAML", TestName = "A_key_given_twice_is_an_error")]
    [TestCase("- workers", "is not one mapping", TestName = "A_list_is_an_error")]
    [TestCase("? [a]\n: 1\n", "a key that is not a single value", TestName = "A_file_with_a_list_as_a_key_is_refused")]
    [TestCase("&a [*a]: 1\n", "a key that is not a single value", TestName = "A_file_with_a_key_that_holds_itself_is_refused")]
    [TestCase("workers: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n", "nested deeper than 32 levels", TestName = "A_file_that_is_nested_without_end_is_refused")]
    [TestCase("workers: \"\\uD800\"\n", "", TestName = "A_file_with_a_broken_character_is_refused")]
    [TestCase("config: other.yaml", "config is not an option", TestName = "A_file_cannot_name_another_file")]
    public void Bad_file(string content, string expected)
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.File("o"), content);

        var result = Parse(["--config=" + directory.File("o")], []);

        Assert.That(result.Errors, Has.One.Contains(expected));
    }

    [Test]
    public void An_empty_file_gives_nothing()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.File("o"), "");

        Assert.That(Parse(["--config=" + directory.File("o")], []).Errors, Is.Empty);
    }

    [Test]
    public void A_file_that_is_not_there_or_too_large_is_an_error()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.File("large"), new string('#', (1 << 20) + 1));

        Assert.Multiple(() =>
        {
            Assert.That(Parse(["--config=/no/such"], []).Errors, Has.One.StartsWith("--config: /no/such cannot be read"));
            Assert.That(Parse(["--config=" + directory.File("large")], []).Errors, Has.One.Contains("larger than 1 MiB"));
        });
    }

    [Test]
    public void Two_ports_that_are_one_are_an_error_but_two_free_ones_are_not()
    {
        Assert.Multiple(() =>
        {
            Assert.That(
                Parse(["--metrics-listen=0.0.0.0:8402"], []).Errors,
                Is.EqualTo(new[] { "--http01-listen and --metrics-listen are both 0.0.0.0:8402; give each a port of its own." }));
            Assert.That(Parse(["--metrics-listen=127.0.0.1:0", "--health-listen=127.0.0.1:0"], []).Errors, Is.Empty);
        });
    }

    [TestCase("--metrics-tls-cert-file=/c")]
    [TestCase("--metrics-tls-key-file=/k")]
    public void A_certificate_without_its_key_is_an_error_and_the_other_way_round(string given) =>
        Assert.That(Parse([given], []).Errors, Has.One.StartsWith("--metrics-tls-cert-file and --metrics-tls-key-file belong together; give both"));

    [Test]
    public void Empty_variables_and_those_that_Kubernetes_sets_for_a_Service_are_passed_over()
    {
        var result = Parse([], [
            "CERTOPERATOR_WORKERS=", "CERTOPERATOR_CONFIG=", "CERTOPERATOR_SERVICE_HOST=10.0.0.1", "CERTOPERATOR_PORT=tcp://10.0.0.1:80",
            "CERTOPERATOR_PORT_80_TCP_ADDR=10.0.0.1", "CERTOPERATOR_METRICS_SERVICE_PORT_HTTP=80", "PATH=/bin"]);

        Assert.That((result.Errors.Count, result.Warnings.Count), Is.EqualTo((0, 0)));
    }

    [Test]
    public void A_variable_that_no_option_reads_is_told()
    {
        var result = Parse([], ["CERTOPERATOR_WORKER=3"]);

        Assert.That(result.Warnings, Is.EqualTo(new[] { "CERTOPERATOR_WORKER is set, but no option is called so." }));
    }

    [Test]
    public void The_Lease_is_in_the_pods_namespace_unless_told_otherwise()
    {
        var inPod = new OptionSources { PodNamespace = "certs" };
        var told = inPod with { Environment = new Dictionary<string, string> { ["CERTOPERATOR_LEASE_NAMESPACE"] = "other" } };

        Assert.That(
            (OptionsParser.Parse(inPod).Options!.LeaseNamespace, OptionsParser.Parse(told).Options!.LeaseNamespace),
            Is.EqualTo(("certs", "other")));
    }

    [Test]
    public void Every_option_has_a_value_of_its_own_type()
    {
        var options = Parse([
            "--kubeconfig=/k", "--context=c", "--namespaces=a, b,a", "--http01-listen=127.0.0.1:1", "--metrics-listen=127.0.0.1:2",
            "--metrics-auth=false", "--metrics-tls-cert-file=/c", "--metrics-tls-key-file=/k",
            "--health-listen=[::1]:3", "--leader-elect=false", "--lease-namespace=n", "--lease-name=l.x", "--workers=1", "--max-running=2",
            "--egress-allow=10.0.0.0/8,fd00::/8,192.0.2.1", "--own-cloud-identity=true", "--secret-check-interval=15m", "--log-level=debug", "--log-format=text",
            "--shutdown-timeout=1m30s", "--prometheus-rules=false"], []).Options!;

        AssertSame(options, new OperatorOptions
        {
            Kubeconfig = "/k",
            Context = "c",
            Namespaces = ["a", "b"],
            Http01Listen = IPEndPoint.Parse("127.0.0.1:1"),
            MetricsListen = IPEndPoint.Parse("127.0.0.1:2"),
            MetricsAuth = false,
            MetricsTlsCertFile = "/c",
            MetricsTlsKeyFile = "/k",
            HealthListen = IPEndPoint.Parse("[::1]:3"),
            PrometheusRules = false,
            LeaderElect = false,
            LeaseNamespace = "n",
            LeaseName = "l.x",
            Workers = 1,
            MaxRunning = 2,
            EgressAllow = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("fd00::/8"), IPNetwork.Parse("192.0.2.1/32")],
            OwnCloudIdentity = true,
            SecretCheckInterval = TimeSpan.FromMinutes(15),
            LogLevel = LogLevel.Debug,
            LogFormat = LogFormat.Text,
            ShutdownTimeout = TimeSpan.FromSeconds(90),
        });
    }

    private static OptionsResult Parse(string[] flags, string[] environment) => OptionsParser.Parse(new OptionSources
    {
        Flags = Pairs(flags),
        Environment = Pairs(environment),
    });

    private static Dictionary<string, string> Pairs(string[] pairs) =>
        pairs.Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => p[1]);

    private static void AssertSame(OperatorOptions actual, OperatorOptions expected) => Assert.Multiple(() =>
    {
        foreach (var property in typeof(OperatorOptions).GetProperties())
        {
            Assert.That(property.GetValue(actual), Is.EqualTo(property.GetValue(expected)), property.Name);
        }
    });
}

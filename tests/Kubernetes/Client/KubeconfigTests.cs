using System.Text;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Client;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class KubeconfigTests : IDisposable
{
    private const string Plain =
        """
        apiVersion: v1
        kind: Config
        current-context: one
        clusters:
        - name: c1
          cluster: {server: "https://one.test:6443"}
        - name: c2
          cluster: {server: "https://two.test"}
        users:
        - name: u1
          user: {token: t1}
        - name: u2
          user: {username: ada, password: secret}
        contexts:
        - name: one
          context: {cluster: c1, user: u1}
        - name: two
          context: {cluster: c2, user: u2, namespace: shop}
        """;

    private readonly TemporaryDirectory _directory = new();
    private readonly Dictionary<string, string> _variables = [];

    public void Dispose() => _directory.Dispose();

    [Test]
    public void Current_context_is_taken()
    {
        var configuration = Load(Plain);

        Assert.That((configuration.Server.AbsoluteUri, Text(configuration.Token), configuration.Namespace), Is.EqualTo(("https://one.test:6443/", "t1", "default")));
        Assert.That((configuration.CertificateAuthority, configuration.ClientCertificate, configuration.InsecureSkipTlsVerify), Is.EqualTo(((object?)null, (object?)null, false)));
    }

    [Test]
    public void Named_context_is_taken()
    {
        var configuration = Load(Plain, "two");

        Assert.That((configuration.Server.Host, configuration.Username, configuration.Password, configuration.Namespace), Is.EqualTo(("two.test", "ada", "secret", "shop")));
    }

    [Test]
    public void All_of_a_cluster_and_a_user_is_read()
    {
        using var certificates = new TestCertificates();
        var user = certificates.User(certificates.Root, "ada");
        var configuration = Load(
            $$"""
            {"current-context": "x",
             "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"} }],
             "clusters": [{"name": "c", "cluster": {"server": "https://api.test/base/", "tls-server-name": "inner.test", "proxy-url": "socks5://proxy.test:1080",
               "certificate-authority-data": "{{Base64(certificates.Root.ExportCertificatePem())}}" } }],
             "users": [{"name": "u", "user": {"client-certificate-data": "{{Base64(user.ExportCertificatePem())}}", "client-key-data": "{{Base64(TestCertificates.KeyPem(user))}}",
               "as": "eve", "as-groups": ["g1", "g2"] } }]}
            """);

        Assert.Multiple(() =>
        {
            Assert.That(configuration.Server.AbsoluteUri, Is.EqualTo("https://api.test/base/"));
            Assert.That(configuration.TlsServerName, Is.EqualTo("inner.test"));
            Assert.That(configuration.ProxyUrl, Is.EqualTo(new Uri("socks5://proxy.test:1080")));
            Assert.That(Text(configuration.CertificateAuthority), Is.EqualTo(certificates.Root.ExportCertificatePem()));
            Assert.That(Text(configuration.ClientCertificate), Is.EqualTo(user.ExportCertificatePem()));
            Assert.That(Text(configuration.ClientKey), Is.EqualTo(TestCertificates.KeyPem(user)));
            Assert.That(configuration.ImpersonateUser, Is.EqualTo("eve"));
            Assert.That(configuration.ImpersonateGroups, Is.EqualTo(new[] { "g1", "g2" }));
        });
    }

    [Test]
    public void Files_are_found_from_the_folder_of_the_kubeconfig()
    {
        using var certificates = new TestCertificates();
        var user = certificates.User(certificates.Root, "ada");
        Directory.CreateDirectory(_directory.File("pki"));
        Write("pki/ca.crt", certificates.Root.ExportCertificatePem());
        Write("pki/ada.crt", user.ExportCertificatePem());
        Write("pki/ada.key", TestCertificates.KeyPem(user));
        Write("token", "from file\n".Replace(' ', '-'));
        var configuration = Load(
            """
            current-context: x
            contexts: [{name: x, context: {cluster: c, user: u}}]
            clusters: [{name: c, cluster: {server: "https://api.test", certificate-authority: pki/ca.crt}}]
            users: [{name: u, user: {client-certificate: ./pki/ada.crt, client-key: pki/../pki/ada.key, tokenFile: token, token: stale}}]
            """);

        Assert.That(configuration.CertificateAuthority!.Path, Is.EqualTo(_directory.File("pki/ca.crt")));
        Assert.That(configuration.ClientKey!.Path, Is.EqualTo(_directory.File("pki/ada.key")));
        Assert.That(Text(configuration.Token), Is.EqualTo("from-file\n"));
    }

    [Test]
    public void Several_files_become_one_and_the_first_wins()
    {
        Directory.CreateDirectory(_directory.File("a"));
        Write("a/first", "current-context: two\nusers: [{name: u2, user: {tokenFile: token}}]\n");
        Write("a/token", "of-first");
        Write("token", "of-second");
        Write("second", Plain);
        _variables["KUBECONFIG"] = string.Join(Path.PathSeparator, _directory.File("missing"), _directory.File("a/first"), "", _directory.File("second"));
        var configuration = Environment().Load(null, null);

        Assert.That((configuration.Server.Host, Text(configuration.Token), configuration.Username), Is.EqualTo(("two.test", "of-first", (string?)null)));
    }

    [Test]
    public void Given_file_comes_before_KUBECONFIG()
    {
        Write("other", Plain.Replace("one.test", "other.test", StringComparison.Ordinal));
        _variables["KUBECONFIG"] = _directory.File("other");

        Assert.That(Load(Plain).Server.Host, Is.EqualTo("one.test"));
    }

    [Test]
    public void Home_comes_last()
    {
        Directory.CreateDirectory(_directory.File("home/.kube"));
        Write("home/.kube/config", Plain);

        Assert.That(Environment().Load(null, null).Server.Host, Is.EqualTo("one.test"));
    }

    [Test]
    public void Pod_is_known_by_its_service_account()
    {
        InPod("10.96.0.1");
        var configuration = Environment().Load(null, null);

        Assert.That((configuration.Server.AbsoluteUri, Text(configuration.Token), configuration.Namespace), Is.EqualTo(("https://10.96.0.1:6443/", "pod-token", "shop")));
        Assert.That(configuration.Token!.Path, Is.EqualTo(_directory.File("sa/token")));
        Assert.That(configuration.CertificateAuthority!.Path, Is.EqualTo(_directory.File("sa/ca.crt")));
    }

    [TestCase("fd00::1", "https://[fd00::1]:6443/")]
    [TestCase("kubernetes.default.svc", "https://kubernetes.default.svc:6443/")]
    public void Pod_finds_the_server_at(string host, string url)
    {
        InPod(host);

        Assert.That(Environment().Load(null, null).Server.AbsoluteUri, Is.EqualTo(url));
    }

    [Test]
    public void Context_asked_for_in_a_pod_means_a_kubeconfig()
    {
        InPod("10.96.0.1");
        Directory.CreateDirectory(_directory.File("home/.kube"));
        Write("home/.kube/config", Plain);

        Assert.That(Environment().Load(null, "two").Server.Host, Is.EqualTo("two.test"));
    }

    [Test]
    public void Nothing_at_all_says_where_was_looked() =>
        Assert.That(() => Environment().Load(null, null), Throws.InstanceOf<KubernetesConfigurationException>()
            .With.Message.Contains("KUBECONFIG is not set").And.Message.Contains(_directory.File("home/.kube/config")));

    [Test]
    public void Kubeconfig_variable_with_no_file_says_so()
    {
        _variables["KUBECONFIG"] = "/nowhere/a";

        Assert.That(() => Environment().Load(null, null), Throws.InstanceOf<KubernetesConfigurationException>().With.Message.EqualTo("KUBECONFIG names no file that exists: /nowhere/a"));
    }

    [Test]
    public void Missing_file_is_named() =>
        Assert.That(() => Environment().Load("/nowhere/config", null),
            Throws.InstanceOf<KubernetesConfigurationException>().With.Message.StartsWith("kubeconfig (file /nowhere/config) cannot be read:"));

    [Test]
    public void Proxies_of_the_environment_are_for_other_machines()
    {
        Assert.That(Load(Plain).UseEnvironmentProxy, Is.True);
        Assert.That(Load(Plain.Replace("one.test", "127.0.0.1", StringComparison.Ordinal)).UseEnvironmentProxy, Is.False);
    }

    [Test]
    public void Configuration_does_not_print_its_secrets() =>
        Assert.That(Load(Plain).Token!.ToString(), Is.EqualTo($"{_directory.File("config")}: users[0].user.token"));

    private KubernetesClientConfiguration Load(string kubeconfig, string? context = null)
    {
        Write("config", kubeconfig);
        return Environment().Load(_directory.File("config"), context);
    }

    private ConfigurationEnvironment Environment() => new(name => _variables.GetValueOrDefault(name), _directory.File("sa"), _directory.File("home"));

    private void InPod(string host)
    {
        using var certificates = new TestCertificates();
        Directory.CreateDirectory(_directory.File("sa"));
        Write("sa/token", "pod-token");
        Write("sa/ca.crt", certificates.Root.ExportCertificatePem());
        Write("sa/namespace", "shop\n");
        _variables["KUBERNETES_SERVICE_HOST"] = host;
        _variables["KUBERNETES_SERVICE_PORT"] = "6443";
    }

    private void Write(string name, string text) => File.WriteAllText(_directory.File(name), text);

    private static string? Text(CredentialMaterial? material) => material is null ? null : Encoding.UTF8.GetString(material.Read());

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}

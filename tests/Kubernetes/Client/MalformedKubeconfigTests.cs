using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Client;

/// <summary>What is wrong is said with the file and the field, and never with the value of a secret.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class MalformedKubeconfigTests : IDisposable
{
    private const string Head = "current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]\n";
    private const string Cluster = "clusters: [{name: c, cluster: {server: 'https://api.test'}}]\n";
    private const string User = "users: [{name: u, user: {token: t}}]\n";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [TestCase("", "kubeconfig (file FILE) is empty")]
    [TestCase("just text", "FILE: is not a kubeconfig: a mapping is expected at the top")]
    [TestCase("- a\n- b\n", "FILE: is not a kubeconfig: a mapping is expected at the top")]
    [TestCase("# nothing\n", "FILE: is not a kubeconfig: a mapping is expected at the top")]
    [TestCase("users:\n- name: u\n  user: {token: hidden\n", "FILE: is not YAML, line 4, column 1")]
    [TestCase(Cluster + User, "FILE: current-context is not set, and no context was named (there are none)")]
    [TestCase("current-context: y\ncontexts: [{name: x, context: {cluster: c}}, {name: a, context: {cluster: c}}]", "FILE: there is no context \"y\" (there are: a, x)")]
    [TestCase(Head + User, "FILE: contexts[0].context.cluster names \"c\", which is not there (there are none)")]
    [TestCase(Head + Cluster, "FILE: contexts[0].context.user names \"u\", which is not there (there are none)")]
    [TestCase("current-context: x\ncontexts: [{name: x, context: {user: u}}]", "FILE: contexts[0].context.cluster is missing or empty")]
    [TestCase("current-context: x\ncontexts: {name: x}", "FILE: contexts must be a list")]
    [TestCase("current-context: x\ncontexts: [x]", "FILE: contexts[0] must be a mapping")]
    [TestCase("current-context: [x]", "FILE: current-context must be a single value")]
    [TestCase("contexts: [{context: {cluster: c}}]", "FILE: contexts[0].name is missing or empty")]
    [TestCase(Head + User + "clusters: [{name: c, cluster: {}}]", "FILE: clusters[0].cluster.server is missing or empty")]
    [TestCase(Head + User + "clusters: [{name: c, cluster: {server: 'api.test:6443'}}]", "FILE: clusters[0].cluster.server must be a URL with the scheme http or https")]
    [TestCase(Head + User + "clusters: [{name: c, cluster: {server: 'http://api.test:6443'}}]", "http://api.test:6443/: a token or password would cross the network in the clear; the server's URL must be https")]
    [TestCase(Head + User + "clusters: [{name: c, cluster: {server: 'https://a', proxy-url: 'ftp://p'}}]", "FILE: clusters[0].cluster.proxy-url must be a URL with the scheme http or https or socks5")]
    [TestCase(Head + User + "clusters: [{name: c, cluster: {server: 'https://a', insecure-skip-tls-verify: maybe}}]", "FILE: clusters[0].cluster.insecure-skip-tls-verify must be true or false")]
    [TestCase(Head + User + "clusters: [{name: c, cluster: {server: 'https://a', insecure-skip-tls-verify: true, certificate-authority: ca}}]", "FILE: clusters[0].cluster.insecure-skip-tls-verify cannot be true when a certificate authority is given")]
    [TestCase(Head + User + "clusters: [{name: c, cluster: {server: 'https://a', certificate-authority-data: '%%'}}]", "FILE: clusters[0].cluster.certificate-authority-data is not base64")]
    [TestCase(Head + User + "clusters: [{name: c, cluster: {server: 'https://a', certificate-authority-data: 'bm90aGluZw=='}}]", "FILE: clusters[0].cluster.certificate-authority-data holds no PEM certificate")]
    [TestCase(Head + User + "clusters: [{name: c, cluster: {server: 'https://a', certificate-authority: ca.crt}}]", "FILE: clusters[0].cluster.certificate-authority (file DIR/ca.crt) cannot be read: Could not find file 'DIR/ca.crt'.")]
    [TestCase(Head + Cluster + "users: [{name: u, user: {client-certificate-data: YQ==}}]", "FILE: users[0].user.client-key or client-key-data is missing: the client certificate needs its key")]
    [TestCase(Head + Cluster + "users: [{name: u, user: {client-key-data: YQ==}}]", "FILE: users[0].user.client-certificate or client-certificate-data is missing: there is a key for it")]
    [TestCase(Head + Cluster + "users: [{name: u, user: {client-certificate-data: YQ==, client-key-data: YQ==}}]", "FILE: users[0].user.client-certificate-data holds no PEM certificate")]
    [TestCase(Head + Cluster + "users: [{name: u, user: {token: \"hid\\nden\"}}]", "FILE: users[0].user.token: the token holds blanks or control characters")]
    [TestCase(Head + Cluster + "users: [{name: u, user: {token: 'hid den'}}]", "FILE: users[0].user.token: the token holds blanks or control characters")]
    [TestCase(Head + Cluster + "users: [{name: u, user: {token: ' '}}]", "FILE: users[0].user.token: the token is empty")]
    [TestCase(Head + Cluster + "users: [{name: u, user: {tokenFile: none}}]", "FILE: users[0].user.tokenFile (file DIR/none) cannot be read: Could not find file 'DIR/none'.")]
    [TestCase(Head + Cluster + "users: [{name: u, user: {auth-provider: {name: gcp}}}]", "FILE: users[0].user.auth-provider is no longer part of Kubernetes: use exec")]
    [TestCase(Head + Cluster + "users: [{name: u, user: {exec: {command: a}}}]", "FILE: users[0].user.exec.apiVersion is missing or empty")]
    [TestCase(Head + Cluster + "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: a}}}]", "FILE: users[0].user.exec.apiVersion must be client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1")]
    [TestCase(Head + Cluster + "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1}}}]", "FILE: users[0].user.exec.command is missing or empty")]
    [TestCase(Head + Cluster + "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: a, interactiveMode: Always}}}]", "FILE: users[0].user.exec.interactiveMode is Always, but there is no terminal here to ask at")]
    [TestCase(Head + Cluster + "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: a, args: [[x]]}}}]", "FILE: users[0].user.exec.args[0] must be a single value")]
    [TestCase(Head + Cluster + "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: a, env: [{value: x}]}}}]", "FILE: users[0].user.exec.env[0].name is missing or empty")]
    public void Complaint_is(string kubeconfig, string message) => Assert.That(() => Load(kubeconfig), Complains(message));

    [Test]
    public void Nesting_without_end_is_refused_before_it_overflows_the_stack() =>
        Assert.That(() => Load("a: " + new string('[', 500_000)), Complains("FILE: is nested deeper than 32 levels"));

    [Test]
    public void Large_file_is_refused_before_it_is_parsed() =>
        Assert.That(() => Load(new string('#', 1024 * 1024 + 1)), Complains("kubeconfig (file FILE) cannot be read: more than 1048576 bytes"));

    [Test]
    public void Aliases_do_not_multiply()
    {
        var bomb = "a0: &a0 [x, x]\n" + string.Concat(Enumerable.Range(1, 30).Select(i => $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n"));

        Assert.That(() => Load(bomb), Complains("FILE: current-context is not set, and no context was named (there are none)"));
    }

    [Test]
    public void Key_that_does_not_fit_the_certificate_is_found_at_the_start()
    {
        using var certificates = new TestCertificates();
        File.WriteAllText(_directory.File("crt"), certificates.User(certificates.Root, "a").ExportCertificatePem());
        File.WriteAllText(_directory.File("key"), TestCertificates.KeyPem(certificates.User(certificates.Root, "b")));

        Assert.That(() => Load(Head + Cluster + "users: [{name: u, user: {client-certificate: crt, client-key: key}}]"),
            Complains("FILE: users[0].user.client-certificate: the client key is not readable PEM, or not the certificate's key"));
    }

    private NUnit.Framework.Constraints.IResolveConstraint Complains(string message) =>
        Throws.InstanceOf<KubernetesConfigurationException>().With.Message.EqualTo(
            message.Replace("FILE", _directory.File("config"), StringComparison.Ordinal).Replace("DIR", _directory.Path, StringComparison.Ordinal));

    private KubernetesClientConfiguration Load(string kubeconfig)
    {
        File.WriteAllText(_directory.File("config"), kubeconfig);
        return KubernetesClientConfiguration.Load(_directory.File("config"));
    }
}

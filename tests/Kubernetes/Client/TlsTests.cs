using System.Security.Cryptography.X509Certificates;
using System.Text;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Client;

/// <summary>Real connections to a server of the test's own.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class TlsTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Test]
    public async Task Server_under_the_given_authority_is_trusted()
    {
        await using var server = await TlsServer.StartAsync(_certificates.Server(_certificates.Root));

        Assert.That(await AskAsync(server.Url, Trusting(_certificates.Root)), Is.EqualTo("HTTP/1.1, nobody, , 127.0.0.1"));
    }

    [Test]
    public async Task Server_may_send_its_intermediate()
    {
        await using var server = await TlsServer.StartAsync(_certificates.Server(_certificates.Intermediate), _certificates.Intermediate);

        Assert.That(await AskAsync(server.Url, Trusting(_certificates.Root)), Does.StartWith("HTTP/1.1"));
    }

    [Test]
    public async Task Intermediate_alone_is_authority_enough()
    {
        await using var server = await TlsServer.StartAsync(_certificates.Server(_certificates.Intermediate));

        Assert.That(await AskAsync(server.Url, Trusting(_certificates.Intermediate)), Does.StartWith("HTTP/1.1"));
    }

    [Test]
    public async Task Server_of_another_authority_is_refused()
    {
        using var others = new TestCertificates();
        await using var server = await TlsServer.StartAsync(others.Server(others.Root));

        Assert.That(() => AskAsync(server.Url, Trusting(_certificates.Root)), Throws.InstanceOf<KubernetesTransportException>());
    }

    [Test]
    public async Task Server_that_shows_no_path_to_the_authority_is_refused()
    {
        await using var server = await TlsServer.StartAsync(_certificates.Server(_certificates.Intermediate));

        Assert.That(() => AskAsync(server.Url, Trusting(_certificates.Root)), Throws.InstanceOf<KubernetesTransportException>());
    }

    [Test]
    public async Task Server_of_another_name_is_refused()
    {
        await using var server = await TlsServer.StartAsync(_certificates.Server(_certificates.Root, "api.test"));

        Assert.That(() => AskAsync(server.Url, Trusting(_certificates.Root)), Throws.InstanceOf<KubernetesTransportException>());
    }

    [Test]
    public async Task Name_to_expect_can_be_another_than_the_address()
    {
        await using var server = await TlsServer.StartAsync(_certificates.Server(_certificates.Root, "api.test"));
        var configuration = new KubernetesClientConfiguration
        {
            Server = server.Url,
            CertificateAuthority = Pem(_certificates.Root),
            TlsServerName = "api.test",
        };

        Assert.That(await AskAsync(configuration), Is.EqualTo("HTTP/1.1, nobody, , api.test"));
    }

    [Test]
    public async Task Certificate_for_a_user_does_not_make_a_server()
    {
        await using var server = await TlsServer.StartAsync(_certificates.Server(_certificates.Root));
        var configuration = new KubernetesClientConfiguration { Server = server.Url, CertificateAuthority = Pem(_certificates.User(_certificates.Root, "x")) };

        Assert.That(() => AskAsync(configuration), Throws.InstanceOf<KubernetesTransportException>());
    }

    [Test]
    public async Task Verification_can_be_switched_off()
    {
        using var others = new TestCertificates();
        await using var server = await TlsServer.StartAsync(others.Server(others.Root, "elsewhere.test"));

        Assert.That(await AskAsync(new KubernetesClientConfiguration { Server = server.Url, InsecureSkipTlsVerify = true }), Does.StartWith("HTTP/1.1"));
    }

    [Test]
    public async Task Client_certificate_is_shown()
    {
        await using var server = await TlsServer.StartAsync(_certificates.Server(_certificates.Root));
        var user = _certificates.User(_certificates.Intermediate, "ada");
        var configuration = new KubernetesClientConfiguration
        {
            Server = server.Url,
            CertificateAuthority = Pem(_certificates.Root),
            ClientCertificate = Bytes(user.ExportCertificatePem() + "\n" + _certificates.Intermediate.ExportCertificatePem()),
            ClientKey = Bytes(TestCertificates.KeyPem(user)),
        };

        Assert.That(await AskAsync(configuration), Does.StartWith("HTTP/1.1, CN=ada,"));
    }

    [Test]
    public async Task Renewed_client_certificate_is_used_for_new_connections()
    {
        await using var server = await TlsServer.StartAsync(_certificates.Server(_certificates.Root));
        using var directory = new TemporaryDirectory();
        var time = new ManualTimeProvider();
        await WriteUserAsync(directory, "before");
        using var client = new KubernetesClient(
            new KubernetesClientConfiguration
            {
                Server = server.Url,
                CertificateAuthority = Pem(_certificates.Root),
                ClientCertificate = CredentialMaterial.FromFile(directory.File("crt"), "certificate"),
                ClientKey = CredentialMaterial.FromFile(directory.File("key"), "key"),
            },
            time,
            new RecordingObserver());
        var before = await client.GetRawAsync("/", default);

        await File.WriteAllTextAsync(directory.File("crt"), _certificates.User(_certificates.Root, "half").ExportCertificatePem());
        time.Advance(TimeSpan.FromMinutes(1));
        var between = await client.GetRawAsync("/", default);

        await WriteUserAsync(directory, "after");
        time.Advance(TimeSpan.FromMinutes(1));
        var after = await client.GetRawAsync("/", default);

        Assert.That(new[] { before, between, after }.Select(text => text.Split(", ")[1]), Is.EqualTo(new[] { "CN=before", "CN=before", "CN=after" }));
    }

    [Test]
    public async Task Watch_is_opened_in_HTTP_2_whose_pings_find_a_dead_peer()
    {
        await using var server = await TlsServer.StartAsync(_certificates.Server(_certificates.Root));
        using var client = new KubernetesClient(Trusting(_certificates.Root)(server.Url), TimeProvider.System, new RecordingObserver());
        await using var watch = client.Resource(CoreResources.Secrets).WatchAsync(new WatchOptions(), default).GetAsyncEnumerator();

        Assert.That(await watch.MoveNextAsync(), Is.True);
        Assert.That(watch.Current, Is.InstanceOf<WatchEvent<Secret>.Added>().With.Property("Object").Property("Metadata").Property("Name").EqualTo("HTTP/2"));
    }

    private async Task WriteUserAsync(TemporaryDirectory directory, string name)
    {
        var user = _certificates.User(_certificates.Root, name);
        await File.WriteAllTextAsync(directory.File("crt"), user.ExportCertificatePem());
        await File.WriteAllTextAsync(directory.File("key"), TestCertificates.KeyPem(user));
    }

    private static Func<Uri, KubernetesClientConfiguration> Trusting(X509Certificate2 authority) =>
        server => new KubernetesClientConfiguration { Server = server, CertificateAuthority = Pem(authority) };

    private static Task<string> AskAsync(Uri server, Func<Uri, KubernetesClientConfiguration> configure) => AskAsync(configure(server));

    private static async Task<string> AskAsync(KubernetesClientConfiguration configuration)
    {
        using var client = new KubernetesClient(configuration, TimeProvider.System, new RecordingObserver());
        return await client.GetRawAsync("/", default);
    }

    private static CredentialMaterial Pem(X509Certificate2 certificate) => Bytes(certificate.ExportCertificatePem());

    private static CredentialMaterial Bytes(string pem) => CredentialMaterial.FromBytes(Encoding.ASCII.GetBytes(pem), "test");
}

using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Client;

public sealed class RefusalsOfApiServerTests : ApiServerTests
{
    [Test]
    public void Absent_object_is_not_found() =>
        Assert.That(() => ConfigMaps.GetAsync(Name("none"), default),
            Throws.InstanceOf<NotFoundException>().With.Message.EqualTo($"get configmaps {Namespace}/none: configmaps \"none\" not found (404 NotFound)"));

    [Test]
    public void Kind_that_is_not_installed_is_not_an_absent_object()
    {
        var missing = Client.Resource(CoreResources.ConfigMaps with { Group = "none.test", Plural = "nones" });

        Assert.That(() => missing.FindAsync(Name("a"), default), Throws.InstanceOf<NotFoundException>());
    }

    [Test]
    public void User_without_rights_is_forbidden()
    {
        using var restricted = Connect(ControlPlane.RestrictedKubeconfigPath);
        Assert.That(() => restricted.Resource(CoreResources.Secrets).GetAsync(Name("a"), default), Throws.InstanceOf<ForbiddenException>()
            .With.Message.Contains("secrets \"a\" is forbidden: User \"restricted\" cannot get resource \"secrets\""));
    }

    [Test]
    public void Unknown_token_is_unauthorized()
    {
        var configuration = KubernetesClientConfiguration.Load(ControlPlane.KubeconfigPath);
        using var stranger = new KubernetesClient(
            new KubernetesClientConfiguration
            {
                Server = configuration.Server,
                CertificateAuthority = configuration.CertificateAuthority,
                Token = CredentialMaterial.FromBytes("nobody"u8.ToArray(), "test"),
            },
            TimeProvider.System,
            new RecordingObserver());

        Assert.That(() => stranger.Resource(CoreResources.ConfigMaps).GetAsync(Name("a"), default), Throws.InstanceOf<UnauthorizedException>());
    }

    [Test]
    public async Task Invalid_object_names_its_fields()
    {
        var map = NewConfigMap("Not A Name");
        map.Data!["not a key"] = "x";
        var thrown = await Assert.ThrowsAsync<InvalidException>(() => ConfigMaps.CreateAsync(map, default));

        Assert.That(thrown!.Causes.Select(cause => cause.Field), Is.EquivalentTo(new[] { "metadata.name", "data[not a key]" }));
    }

    [Test]
    public void Object_that_is_too_large_is_refused() =>
        Assert.That(() => ConfigMaps.CreateAsync(NewConfigMap("a", new string('x', 4_000_000)), default), Throws.InstanceOf<KubernetesException>());

    [Test]
    public async Task Plain_paths_are_read()
    {
        Assert.That(await Client.GetRawAsync("/readyz", default), Is.EqualTo("ok"));
        Assert.That(await Client.GetRawAsync("/version", default), Does.Contain("\"gitVersion\""));
    }
}

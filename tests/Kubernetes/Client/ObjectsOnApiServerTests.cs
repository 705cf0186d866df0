using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Client;

public sealed class ObjectsOnApiServerTests : ApiServerTests
{
    [Test]
    public async Task Secret_lives_from_creation_to_deletion()
    {
        var secrets = Client.Resource(CoreResources.Secrets);
        byte[] value = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        var created = await secrets.CreateAsync(
            new Secret
            {
                Metadata = { Name = "web", Namespace = Namespace, Labels = new() { ["app"] = "web" } },
                Type = "Opaque",
                Data = new() { ["all"] = value, ["empty"] = [] },
            },
            default);
        Assert.That((created.Metadata.Uid, created.Metadata.ResourceVersion, created.Metadata.CreationTimestamp), Is.Not.EqualTo(((string?)null, (string?)null, (DateTimeOffset?)null)));

        var read = await secrets.GetAsync(Name("web"), default);
        Assert.That(read.Data!["all"], Is.EqualTo(value));
        Assert.That(read.Data["empty"], Is.Empty);

        read.Data["all"] = [1];
        var updated = await secrets.UpdateAsync(read, default);
        Assert.That(updated.Metadata.ResourceVersion, Is.Not.EqualTo(created.Metadata.ResourceVersion));
        Assert.That((await secrets.GetAsync(Name("web"), default)).Data!["all"], Is.EqualTo(new byte[] { 1 }));

        await secrets.DeleteAsync(Name("web"), null, default);
        Assert.That(await secrets.FindAsync(Name("web"), default), Is.Null);
    }

    [Test]
    public async Task Lease_keeps_its_microseconds()
    {
        var leases = Client.Resource(CoreResources.Leases);
        var time = new DateTimeOffset(2024, 5, 6, 7, 8, 9, TimeSpan.Zero).AddMicroseconds(120034);
        await leases.CreateAsync(
            new Lease
            {
                Metadata = { Name = "lead", Namespace = Namespace },
                Spec = { HolderIdentity = "a", LeaseDurationSeconds = 15, AcquireTime = time, RenewTime = time, LeaseTransitions = 1 },
            },
            default);
        var lease = await leases.GetAsync(Name("lead"), default);
        Assert.That((lease.Spec.RenewTime, lease.Spec.HolderIdentity, lease.Spec.LeaseDurationSeconds), Is.EqualTo(((DateTimeOffset?)time, "a", (int?)15)));

        lease.Spec.HolderIdentity = "";
        lease.Spec.RenewTime = time.AddSeconds(1);
        Assert.That((await leases.UpdateAsync(lease, default)).Spec.RenewTime, Is.EqualTo(time.AddSeconds(1)));
    }

    [Test]
    public async Task Event_is_taken_with_its_series()
    {
        var events = Client.Resource(CoreResources.Events);
        var time = new DateTimeOffset(2024, 5, 6, 7, 8, 9, TimeSpan.Zero);
        var created = await events.CreateAsync(
            new Event
            {
                Metadata = { Name = "web.1", Namespace = Namespace },
                EventTime = time,
                ReportingController = "certoperator.io/test",
                ReportingInstance = "test-1",
                Action = "Renew",
                Reason = "Renewed",
                Type = "Normal",
                Note = "A note.",
                Regarding = new ObjectReference { ApiVersion = "v1", Kind = "Secret", Namespace = Namespace, Name = "web" },
            },
            default);
        var patched = await events.PatchAsync(
            Name("web.1"), Patch.Merge("""{"series":{"count":3,"lastObservedTime":"2024-05-06T07:09:00.000000Z"}}"""), null, default);

        Assert.That((created.EventTime, created.Regarding?.Name), Is.EqualTo(((DateTimeOffset?)time, "web")));
        Assert.That(patched.Series?.Count, Is.EqualTo(3));
    }

    [Test]
    public async Task Name_that_is_taken_is_refused()
    {
        await ConfigMaps.CreateAsync(NewConfigMap("a"), default);

        Assert.That(() => ConfigMaps.CreateAsync(NewConfigMap("a"), default), Throws.InstanceOf<AlreadyExistsException>()
            .With.Message.EqualTo($"create configmaps {Namespace}/a: configmaps \"a\" already exists (409 AlreadyExists)"));
    }

    [Test]
    public async Task Generated_name_is_told()
    {
        var created = await ConfigMaps.CreateAsync(new ConfigMap { Metadata = { GenerateName = "run-", Namespace = Namespace } }, default);

        Assert.That(created.Metadata.Name, Does.Match("^run-.+"));
    }

    [Test]
    public async Task Update_of_an_old_version_is_a_conflict()
    {
        var first = await ConfigMaps.CreateAsync(NewConfigMap("a"), default);
        var second = await ConfigMaps.GetAsync(Name("a"), default);
        second.Data!["key"] = "second";
        await ConfigMaps.UpdateAsync(second, default);
        first.Data!["key"] = "first";

        Assert.That(() => ConfigMaps.UpdateAsync(first, default), Throws.InstanceOf<ConflictException>());
    }

    [Test]
    public async Task Deletion_keeps_to_its_preconditions()
    {
        var created = await ConfigMaps.CreateAsync(NewConfigMap("a"), default);

        Assert.That(() => ConfigMaps.DeleteAsync(Name("a"), DeleteOptions.OnlyIf("00000000-0000-0000-0000-000000000000"), default), Throws.InstanceOf<ConflictException>());
        Assert.That(() => ConfigMaps.DeleteAsync(Name("a"), DeleteOptions.OnlyIf(created.Metadata.Uid, "1"), default), Throws.InstanceOf<ConflictException>());
        await ConfigMaps.DeleteAsync(Name("a"), DeleteOptions.OnlyIf(created.Metadata.Uid, created.Metadata.ResourceVersion), default);
        Assert.That(() => ConfigMaps.DeleteAsync(Name("a"), null, default), Throws.InstanceOf<NotFoundException>());
    }

    [Test]
    public async Task Finalizer_holds_a_deleted_object()
    {
        var map = NewConfigMap("a");
        map.Metadata.Finalizers = ["certoperator.io/test"];
        await ConfigMaps.CreateAsync(map, default);
        await ConfigMaps.DeleteAsync(Name("a"), new DeleteOptions { PropagationPolicy = "Background" }, default);
        var held = await ConfigMaps.GetAsync(Name("a"), default);
        Assert.That(held.Metadata.DeletionTimestamp, Is.Not.Null);

        await ConfigMaps.PatchAsync(Name("a"), Patch.Merge("""{"metadata":{"finalizers":null}}"""), null, default);
        Assert.That(await ConfigMaps.FindAsync(Name("a"), default), Is.Null);
    }

    [Test]
    public async Task Update_leaves_what_this_client_does_not_read()
    {
        await ConfigMaps.ApplyAsync(NewConfigMap("a"), "first", force: false, default);
        var read = await ConfigMaps.GetAsync(Name("a"), default);
        read.Data!["other"] = "x";
        await ConfigMaps.UpdateAsync(read, default);

        // The record of who applied what is still there: another applier is in conflict with the first.
        Assert.That(() => ConfigMaps.ApplyAsync(NewConfigMap("a", "changed"), "second", force: false, default), Throws.InstanceOf<ConflictException>());
    }
}

using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Client;

public sealed class PatchesOnApiServerTests : ApiServerTests
{
    [Test]
    public async Task Merge_patch_sets_and_removes()
    {
        await ConfigMaps.CreateAsync(NewConfigMap("a"), default);
        var patched = await ConfigMaps.PatchAsync(Name("a"), Patch.Merge("""{"data":{"key":null,"new":"n"}}"""), null, default);

        Assert.That(patched.Data, Is.EqualTo(new Dictionary<string, string> { ["new"] = "n" }));
    }

    [Test]
    public async Task Json_patch_is_done_if_its_test_holds()
    {
        await ConfigMaps.CreateAsync(NewConfigMap("a"), default);
        var path = JsonPatchOperation.PathOf("data", "key");
        var patched = await ConfigMaps.PatchAsync(Name("a"), Patch.Json(JsonPatchOperation.Test(path, "v"), JsonPatchOperation.Replace(path, "w")), null, default);
        Assert.That(patched.Data!["key"], Is.EqualTo("w"));

        Assert.That(
            () => ConfigMaps.PatchAsync(Name("a"), Patch.Json(JsonPatchOperation.Test(path, "v"), JsonPatchOperation.Remove(path)), null, default),
            Throws.InstanceOf<KubernetesException>().With.Message.Contains("test"));
        Assert.That((await ConfigMaps.GetAsync(Name("a"), default)).Data!["key"], Is.EqualTo("w"));
    }

    [Test]
    public async Task Patch_with_an_old_version_is_a_conflict()
    {
        var created = await ConfigMaps.CreateAsync(NewConfigMap("a"), default);
        await ConfigMaps.PatchAsync(Name("a"), Patch.Merge("""{"data":{"key":"x"}}"""), null, default);
        var old = Patch.Merge($$$"""{"metadata":{"resourceVersion":"{{{created.Metadata.ResourceVersion}}}"},"data":{"key":"y"}}""");

        Assert.That(() => ConfigMaps.PatchAsync(Name("a"), old, null, default), Throws.InstanceOf<ConflictException>());
    }

    [Test]
    public async Task Applied_field_of_another_is_a_conflict_unless_forced()
    {
        await ConfigMaps.ApplyAsync(NewConfigMap("a", "first"), "one", force: false, default);
        var thrown = await Assert.ThrowsAsync<ConflictException>(() => ConfigMaps.ApplyAsync(NewConfigMap("a", "second"), "two", force: false, default));
        Assert.That(thrown!.Causes.Select(cause => (cause.Reason, cause.Field)), Is.EqualTo(new[] { ("FieldManagerConflict", ".data.key") }));

        var forced = await ConfigMaps.ApplyAsync(NewConfigMap("a", "second"), "two", force: true, default);
        Assert.That(forced.Data!["key"], Is.EqualTo("second"));
    }

    [Test]
    public async Task Applying_less_removes_what_was_applied_before()
    {
        var map = NewConfigMap("a");
        map.Data!["more"] = "m";
        await ConfigMaps.ApplyAsync(map, "one", force: false, default);
        var less = await ConfigMaps.ApplyAsync(NewConfigMap("a"), "one", force: false, default);

        Assert.That(less.Data!.Keys, Is.EqualTo(new[] { "key" }));
    }

    [Test]
    public async Task Status_is_written_apart_from_the_rest()
    {
        await ControlPlane.ApplyAsync(
            """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: gadgets.gadgets.test}
            spec:
              group: gadgets.test
              scope: Cluster
              names: {plural: gadgets, singular: gadget, kind: Gadget, listKind: GadgetList}
              versions:
              - name: v1alpha1
                served: true
                storage: true
                subresources: {status: {}}
                schema:
                  openAPIV3Schema:
                    type: object
                    properties:
                      size: {type: integer, minimum: 1}
                      status:
                        type: object
                        properties: {phase: {type: string}}
            """);
        await ControlPlane.KubectlAsync(["wait", "--for=condition=Established", "crd/gadgets.gadgets.test", "--timeout=30s"]);
        var gadgets = Client.Resource(Gadget.Definition);
        var name = new NamespacedName("", Namespace);
        var created = await gadgets.CreateAsync(new Gadget { Metadata = { Name = name.Name }, Size = 1, Status = new GadgetStatus { Phase = "lost" } }, default);
        Assert.That(created.Status, Is.Null);

        created.Size = 2;
        created.Status = new GadgetStatus { Phase = "set" };
        var updated = await gadgets.UpdateStatusAsync(created, default);
        Assert.That((updated.Size, updated.Status?.Phase), Is.EqualTo(((int?)1, "set")));

        var patched = await gadgets.PatchAsync(name, Patch.Merge("""{"size":3,"status":{"phase":"patched"}}"""), "status", default);
        Assert.That((patched.Size, patched.Status?.Phase), Is.EqualTo(((int?)1, "patched")));

        var thrown = await Assert.ThrowsAsync<InvalidException>(() => gadgets.PatchAsync(name, Patch.Merge("""{"size":0}"""), null, default));
        Assert.That(thrown!.Causes.Select(cause => (cause.Field, cause.Reason)), Is.EqualTo(new[] { ("size", "FieldValueInvalid") }));
    }
}

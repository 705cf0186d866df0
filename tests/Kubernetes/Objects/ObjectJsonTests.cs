using System.Text.Json;
using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Objects;

public sealed class ObjectJsonTests
{
    [Test]
    public void New_objects_carry_their_kind_and_no_nulls() =>
        Assert.Multiple(() =>
        {
            Assert.That(JsonSerializer.Serialize(new Secret(), KubernetesJsonContext.Default.Secret), Is.EqualTo("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":""}}"""));
            Assert.That(JsonSerializer.Serialize(new ConfigMap(), KubernetesJsonContext.Default.ConfigMap), Is.EqualTo("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":""}}"""));
            Assert.That(JsonSerializer.Serialize(new Lease(), KubernetesJsonContext.Default.Lease), Is.EqualTo("""{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":""},"spec":{}}"""));
            Assert.That(JsonSerializer.Serialize(new Event(), KubernetesJsonContext.Default.Event), Is.EqualTo("""{"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"name":""}}"""));
        });

    [TestCase("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a","namespace":"b","uid":"u","resourceVersion":"3","generation":2,"labels":{"l":"1"},"annotations":{"k":"v"},"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"o","uid":"p","controller":true,"blockOwnerDeletion":false}],"finalizers":["f"]},"type":"Opaque","data":{"empty":"","k":"dg=="},"immutable":true}""")]
    public void Secret_survives_reading_and_writing(string json) =>
        Assert.That(JsonSerializer.Serialize(JsonSerializer.Deserialize(json, KubernetesJsonContext.Default.Secret)!, KubernetesJsonContext.Default.Secret), Is.EqualTo(json));

    [TestCase("""{"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"name":"a"},"eventTime":"2024-01-01T00:00:00.000001Z","series":{"count":2,"lastObservedTime":"2024-01-01T00:00:01.000000Z"},"reportingController":"c","reportingInstance":"i","action":"A","reason":"R","regarding":{"apiVersion":"v1","kind":"Secret","namespace":"n","name":"s","uid":"u"},"note":"n","type":"Normal"}""")]
    public void Event_survives_reading_and_writing(string json) =>
        Assert.That(JsonSerializer.Serialize(JsonSerializer.Deserialize(json, KubernetesJsonContext.Default.Event)!, KubernetesJsonContext.Default.Event), Is.EqualTo(json));

    [Test]
    public void Null_where_an_object_belongs_is_an_empty_one()
    {
        var lease = JsonSerializer.Deserialize("""{"metadata":null,"spec":null}""", KubernetesJsonContext.Default.Lease)!;

        Assert.That((lease.Metadata.Name, lease.Spec.HolderIdentity), Is.EqualTo(("", (string?)null)));
    }

    [TestCase("shop", "web", "shop/web")]
    [TestCase("", "web", "web")]
    public void Names_read_as_people_write_them(string ns, string name, string text) =>
        Assert.That(new NamespacedName(ns, name).ToString(), Is.EqualTo(text));
}

using System.Text.Json;
using System.Text.Json.Nodes;
using CertOperator.Kubernetes.Schema;
using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Schema;

public sealed class SchemaOfTypesTests
{
    private static readonly CustomResourceDefinition Definition =
        CrdGenerator.Generate(typeof(Widget), XmlDocumentation.ForAssemblies(typeof(Widget).Assembly));

    private static JsonSchema Root => Definition.Spec.Versions[0].Schema.OpenAPIV3Schema;

    [TestCase("host", """{"type":"string","pattern":"^[a-z0-9.-]+$","minLength":1,"maxLength":253}""", TestName = "A_bounded_string")]
    [TestCase("names", """{"type":"array","items":{"type":"string","minLength":1,"maxLength":253},"maxItems":100}""", TestName = "Bounds_of_a_list_and_of_its_items")]
    [TestCase("size", """{"type":"integer","format":"int32","minimum":1,"maximum":10}""", TestName = "A_nullable_int_with_a_range")]
    [TestCase("colour", """{"type":"string","enum":["Red","deep-blue"]}""", TestName = "An_enum_with_a_renamed_member")]
    [TestCase("answer", """{"type":"string","enum":["yes","no","8402"]}""", TestName = "A_string_with_a_closed_set_of_values")]
    [TestCase("suspend", """{"type":"boolean"}""", TestName = "A_boolean")]
    [TestCase("labels", """{"type":"object","additionalProperties":{"type":"string","maxLength":3},"maxProperties":2}""", TestName = "A_dictionary")]
    [TestCase("anything", """{"type":"object","x-kubernetes-preserve-unknown-fields":true}""", TestName = "An_open_object")]
    [TestCase("port", """{"x-kubernetes-int-or-string":true}""", TestName = "An_int_or_string_has_no_type")]
    [TestCase("blob", """{"type":"string","format":"byte"}""", TestName = "Bytes")]
    [TestCase("odd_name", """{"type":"integer","format":"int64"}""", TestName = "A_long_with_a_JSON_name_of_its_own")]
    [TestCase(
        "parts",
        """{"type":"array","items":{"type":"object","description":"One part.","properties":{"name":{"type":"string"},"weight":{"type":"number","format":"double"}},"required":["name"]}}""",
        TestName = "A_list_of_objects_with_a_required_member")]
    public void Property_becomes(string name, string expected)
    {
        var schema = Root.Properties!["spec"].Properties![name];
        schema.Description = null;

        Assert.That(
            JsonSerializer.Serialize(schema, SchemaJsonContext.Default.JsonSchema),
            Is.EqualTo(JsonNode.Parse(expected)!.ToJsonString()));
    }

    [Test]
    public void What_JSON_ignores_is_not_in_the_schema()
    {
        Assert.That(Root.Properties!["spec"].Properties!.Keys, Does.Not.Contain("derived"));
    }

    [Test]
    public void Metadata_is_left_to_the_server()
    {
        Assert.That(
            JsonSerializer.Serialize(Root.Properties!["metadata"], SchemaJsonContext.Default.JsonSchema),
            Is.EqualTo("""{"type":"object"}"""));
    }

    [Test]
    public void A_map_list_names_its_key()
    {
        var conditions = Root.Properties!["status"].Properties!["conditions"];

        Assert.Multiple(() =>
        {
            Assert.That(conditions.ListType, Is.EqualTo("map"));
            Assert.That(conditions.ListMapKeys, Is.EqualTo(new[] { "type" }));
        });
    }

    [TestCase(typeof(Recursive), "Recursive -> RecursiveNode -> RecursiveNode is recursive", TestName = "A_recursive_type_is_refused")]
    [TestCase(typeof(WithTimeSpan), "WithTimeSpan.Wait is a TimeSpan", TestName = "A_type_without_a_JSON_schema_is_refused")]
    [TestCase(typeof(WithIntKeys), "the keys of a JSON object are strings", TestName = "A_dictionary_with_other_keys_is_refused")]
    [TestCase(typeof(WithLookAhead), "WithLookAhead.Name: the pattern uses '(?!'", TestName = "A_pattern_that_Go_cannot_compile_is_refused")]
    [TestCase(typeof(WithOptionalKey), "needs a required field of the item", TestName = "An_optional_list_map_key_is_refused")]
    [TestCase(typeof(WithPatternOnNumber), "[Pattern] needs a string", TestName = "A_pattern_on_a_number_is_refused")]
    [TestCase(typeof(WithTwins), "two properties with the JSON name 'name'", TestName = "Two_properties_of_one_name_are_refused")]
    [TestCase(typeof(WidgetSpec), "has no [KubernetesEntity]", TestName = "A_class_that_is_no_entity_is_refused")]
    public void Refused(Type type, string reason)
    {
        Assert.That(
            () => CrdGenerator.Generate(type, XmlDocumentation.Empty),
            Throws.TypeOf<SchemaException>().With.Message.Contains(reason));
    }

    [Test]
    public void A_kind_without_status_has_no_status_subresource()
    {
        var definition = CrdGenerator.Generate(typeof(Plain), XmlDocumentation.Empty);

        Assert.Multiple(() =>
        {
            Assert.That(definition.Spec.Versions[0].Subresources, Is.Null);
            Assert.That(definition.Spec.Scope, Is.EqualTo("Cluster"));
            Assert.That(definition.Spec.Names.Singular, Is.EqualTo("plain"));
        });
    }

    [KubernetesEntity(Group = "g.io", Version = "v1", Kind = "Plain", Plural = "plains")]
    [EntityScope(EntityScope.Cluster)]
    private sealed class Plain
    {
        public string? Name { get; set; }
    }

    [KubernetesEntity(Group = "g.io", Version = "v1", Kind = "X", Plural = "xs")]
    private sealed class Recursive
    {
        public RecursiveNode? Node { get; set; }
    }

    private sealed class RecursiveNode
    {
        public List<RecursiveNode>? Children { get; set; }
    }

    [KubernetesEntity(Group = "g.io", Version = "v1", Kind = "X", Plural = "xs")]
    private sealed class WithTimeSpan
    {
        public TimeSpan Wait { get; set; }
    }

    [KubernetesEntity(Group = "g.io", Version = "v1", Kind = "X", Plural = "xs")]
    private sealed class WithIntKeys
    {
        public Dictionary<int, string>? Map { get; set; }
    }

    [KubernetesEntity(Group = "g.io", Version = "v1", Kind = "X", Plural = "xs")]
    private sealed class WithLookAhead
    {
        [Pattern("^(?!-)[a-z]+$")]
        public string? Name { get; set; }
    }

    [KubernetesEntity(Group = "g.io", Version = "v1", Kind = "X", Plural = "xs")]
    private sealed class WithOptionalKey
    {
        [ListMapKey("weight")]
        public List<WidgetPart>? Parts { get; set; }
    }

    [KubernetesEntity(Group = "g.io", Version = "v1", Kind = "X", Plural = "xs")]
    private sealed class WithPatternOnNumber
    {
        [Pattern("^1$")]
        public int Number { get; set; }
    }

    [KubernetesEntity(Group = "g.io", Version = "v1", Kind = "X", Plural = "xs")]
    private sealed class WithTwins
    {
        public string? Name { get; set; }

        [System.Text.Json.Serialization.JsonPropertyName("name")]
        public string? Other { get; set; }
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using CertOperator.Kubernetes.Schema;
using NUnit.Framework;
using YamlDotNet.RepresentationModel;

namespace CertOperator.Kubernetes.Tests.Schema;

public sealed class CrdYamlTests
{
    [Test]
    public void The_file_is_the_golden_one()
    {
        var path = Path.Combine(TestContext.CurrentContext.TestDirectory, "Schema", "Golden", "widgets.yaml");

        Assert.That(Write(Widget()), Is.EqualTo(File.ReadAllText(path)));
    }

    [Test]
    public void A_YAML_reader_reads_what_JSON_says()
    {
        var definition = Widget();
        var yaml = new YamlStream();
        yaml.Load(new StringReader(Write(definition)));

        var expected = JsonSerializer.SerializeToNode(definition, SchemaJsonContext.Default.CustomResourceDefinition);
        Assert.That(JsonNode.DeepEquals(Tree(yaml.Documents[0].RootNode), Strings(expected)), Is.True);
    }

    [TestCase("plain words")]
    [TestCase("yes")]
    [TestCase("NULL")]
    [TestCase("8402")]
    [TestCase(".5")]
    [TestCase("1e3")]
    [TestCase("0x1F")]
    [TestCase("2024-01-01")]
    [TestCase("")]
    [TestCase(" leading")]
    [TestCase("trailing ")]
    [TestCase("a: b")]
    [TestCase("a #b")]
    [TestCase("- item")]
    [TestCase("it's \"quoted\"")]
    [TestCase("{}[]&*!|>%@`")]
    [TestCase("tab\tand\u0001control")]
    [TestCase("two\nlines")]
    [TestCase("two\n\nparagraphs that are quite a lot longer than one line of the file may be, so that they are folded here and there")]
    [TestCase("double  spaces in a text that is longer than one line of the file may be, which folding would take away from it")]
    [TestCase("trailing newline\n")]
    [TestCase("\U0001F512 snowman ☃ and é")]
    [TestCase("^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$")]
    public void A_text_survives(string text)
    {
        var definition = Widget();
        definition.Spec.Versions[0].Schema.OpenAPIV3Schema.Description = text;
        var yaml = new YamlStream();
        yaml.Load(new StringReader(Write(definition)));

        var node = (YamlScalarNode)yaml.Documents[0].RootNode["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["description"];
        Assert.Multiple(() =>
        {
            Assert.That(node.Value, Is.EqualTo(text));
            Assert.That(
                node.Style != YamlDotNet.Core.ScalarStyle.Plain || text.StartsWith("plain", StringComparison.Ordinal) || text[0] is '^',
                "left without quotes");
        });
    }

    [Test]
    public void The_file_name_is_plural_and_group()
    {
        Assert.That(CrdYaml.FileName(Widget()), Is.EqualTo("widgets.test.certoperator.io.yaml"));
    }

    private static CustomResourceDefinition Widget() =>
        CrdGenerator.Generate(typeof(Widget), XmlDocumentation.ForAssemblies(typeof(Widget).Assembly, typeof(Condition).Assembly));

    private static string Write(CustomResourceDefinition definition)
    {
        using var writer = new StringWriter();
        CrdYaml.Write(definition, writer);
        return writer.ToString();
    }

    private static JsonNode? Tree(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value!, Tree(c.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Tree)]),
        _ => JsonValue.Create(((YamlScalarNode)node).Value),
    };

    private static JsonNode? Strings(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.Select(c => KeyValuePair.Create(c.Key, Strings(c.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Strings)]),
        _ => JsonValue.Create(node!.ToString()),
    };
}

using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace CertOperator.Kubernetes.Schema;

/// <summary>
/// Doc comments as plain text: summary, then remarks, then <c>Default:</c> and what stands in <c>value</c>. White space
/// is folded; a <c>para</c> starts a new paragraph; code is put in backticks; a reference to a property becomes its JSON name.
/// </summary>
public sealed partial class XmlDocumentation
{
    private readonly Dictionary<string, XElement> _members = new(StringComparer.Ordinal);

    private XmlDocumentation()
    {
    }

    /// <summary>No descriptions at all.</summary>
    public static XmlDocumentation Empty { get; } = new();

    /// <summary>Reads the XML file beside each assembly.</summary>
    /// <exception cref="FileNotFoundException">An assembly has none: a schema would silently lose its descriptions.</exception>
    public static XmlDocumentation ForAssemblies(params IEnumerable<Assembly> assemblies)
    {
        ArgumentNullException.ThrowIfNull(assemblies);
        var docs = new XmlDocumentation();
        foreach (var assembly in assemblies.Distinct())
        {
            var path = Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".xml");
            if (!File.Exists(path))
            {
                throw new FileNotFoundException($"The doc comments of {assembly.GetName().Name} are not beside it.", path);
            }

            docs.Read(XDocument.Load(path));
        }

        return docs;
    }

    /// <summary>Reads a compiler's documentation file.</summary>
    /// <exception cref="XmlException">The text is not XML.</exception>
    public static XmlDocumentation Parse(string xml)
    {
        var docs = new XmlDocumentation();
        docs.Read(XDocument.Parse(xml));
        return docs;
    }

    /// <summary>The text of a type, or null when it has none.</summary>
    public string? Type(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return Text("T:" + Id(type));
    }

    /// <summary>The text of a property, or null when it has none.</summary>
    public string? Property(PropertyInfo property)
    {
        ArgumentNullException.ThrowIfNull(property);
        return Text($"P:{Id(property.DeclaringType!)}.{property.Name}");
    }

    private static string Id(Type type)
    {
        var open = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        return (open.FullName ?? open.Name).Replace('+', '.');
    }

    private void Read(XDocument document)
    {
        foreach (var member in document.Descendants("member"))
        {
            _members[(string?)member.Attribute("name") ?? ""] = member;
        }
    }

    private string? Text(string id)
    {
        if (!_members.TryGetValue(id, out var member))
        {
            return null;
        }

        if ((string?)member.Element("inheritdoc")?.Attribute("cref") is { } source && source != id)
        {
            return Text(source);
        }

        var parts = new[] { member.Element("summary"), member.Element("remarks") }
            .Select(e => e is null ? "" : Fold(e))
            .Append(member.Element("value") is { } value && Fold(value) is { Length: > 0 } text ? $"Default: {text.TrimEnd('.')}." : "")
            .Where(p => p.Length > 0);
        var whole = string.Join(' ', parts);
        return whole.Length == 0 ? null : whole;
    }

    private static string Fold(XElement element)
    {
        var raw = string.Concat(element.Nodes().Select(Render));
        var paragraphs = raw.Split('\u2029').Select(p => Spaces().Replace(p, " ").Trim()).Where(p => p.Length > 0);
        return string.Join("\n\n", paragraphs);
    }

    // U+2029, the paragraph separator, marks what must survive the folding of white space.
    private static string Render(XNode node) => node switch
    {
        XText text => text.Value,
        XElement e => e.Name.LocalName switch
        {
            "para" or "item" => $"\u2029{Inner(e)}\u2029",
            "c" or "code" => $"`{Inner(e).Trim()}`",
            "see" or "seealso" => Reference(e),
            "paramref" or "typeparamref" => (string?)e.Attribute("name") ?? "",
            "br" => "\u2029",
            _ => Inner(e),
        },
        _ => "",
    };

    private static string Inner(XElement element) => string.Concat(element.Nodes().Select(Render));

    private static string Reference(XElement element)
    {
        var inner = Inner(element);
        if ((string?)element.Attribute("href") is { } address)
        {
            return inner.Length == 0 ? address : $"{inner} ({address})";
        }

        if (inner.Length > 0)
        {
            return inner;
        }

        if ((string?)element.Attribute("langword") is { } word)
        {
            return word;
        }

        var id = (string?)element.Attribute("cref") ?? "";
        var name = id[(id.LastIndexOf('.') + 1)..];
        return id.StartsWith("P:", StringComparison.Ordinal) ? JsonNamingPolicy.CamelCase.ConvertName(name) : name;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}

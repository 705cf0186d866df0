using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CertOperator.Kubernetes.Schema;

/// <summary>
/// A JSON tree as block YAML: keys sorted, long prose folded, and everything that a YAML 1.1 or 1.2 reader could take
/// for something other than a string quoted.
/// </summary>
internal sealed partial class YamlEmitter(TextWriter writer)
{
    private const int Width = 100;
    private const int LeastText = 40;

    public void Write(JsonNode tree)
    {
        Node(tree, indent: 0, inline: true);
    }

    /// <param name="node">What to write.</param>
    /// <param name="indent">Column of the node's own lines.</param>
    /// <param name="inline">Whether the first line continues one that is already begun at that column.</param>
    private void Node(JsonNode? node, int indent, bool inline)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } map:
                Map(map, indent, inline);
                break;
            case JsonArray { Count: > 0 } list:
                List(list, indent, inline);
                break;
            default:
                writer.Write(Scalar(node, indent));
                writer.Write('\n');
                break;
        }
    }

    private void Map(JsonObject map, int indent, bool inline)
    {
        foreach (var (key, value) in map.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            Indent(inline ? 0 : indent);
            inline = false;
            writer.Write(Quoted(key));
            writer.Write(':');
            Value(value, indent + 2);
        }
    }

    private void List(JsonArray list, int indent, bool inline)
    {
        foreach (var item in list)
        {
            Indent(inline ? 0 : indent);
            inline = false;
            writer.Write("- ");
            Node(item, indent + 2, inline: true);
        }
    }

    private void Value(JsonNode? value, int indent)
    {
        var block = value is JsonObject { Count: > 0 } or JsonArray { Count: > 0 };
        writer.Write(block ? '\n' : ' ');
        Node(value, indent, inline: !block);
    }

    private void Indent(int columns)
    {
        for (var i = 0; i < columns; i++)
        {
            writer.Write(' ');
        }
    }

    private static string Scalar(JsonNode? node, int indent) => node switch
    {
        null => "null",
        JsonObject => "{}",
        JsonArray => "[]",
        _ when node.GetValueKind() == JsonValueKind.String => Text(node.GetValue<string>(), indent),
        _ => node.ToJsonString(),
    };

    private static string Text(string value, int indent)
    {
        var foldable = (value.Length > Width - indent || value.Contains('\n'))
            && value.Contains(' ')
            && value.Split('\n').All(line => line.Length == 0 || Prose().IsMatch(line))
            && value[0] != '\n' && value[^1] != '\n';
        return foldable ? Folded(value, indent) : Quoted(value);
    }

    private static string Folded(string value, int indent)
    {
        var text = new StringBuilder(">-");
        var margin = new string(' ', indent);
        foreach (var (line, index) in value.Split('\n').Select((l, i) => (l, i)))
        {
            // In a folded scalar one line break reads as a space, so each real one needs an empty line more.
            text.Append(index > 0 ? "\n" : "");
            var column = 0;
            foreach (var word in line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (column == 0 || column + 1 + word.Length > Math.Max(Width - indent, LeastText))
                {
                    text.Append('\n').Append(margin).Append(word);
                    column = word.Length;
                }
                else
                {
                    text.Append(' ').Append(word);
                    column += 1 + word.Length;
                }
            }
        }

        return text.ToString();
    }

    private static string Quoted(string value)
    {
        if (Plain().IsMatch(value) && !Reserved().IsMatch(value))
        {
            return value;
        }

        return value.Any(char.IsControl) || value.Any(char.IsSurrogate)
            ? JsonValue.Create(value).ToJsonString()
            : $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";
    }

    /// <summary>One line of single-spaced text without control characters.</summary>
    [GeneratedRegex(@"^[^\s\p{C}]+( [^\s\p{C}]+)*$")]
    private static partial Regex Prose();

    [GeneratedRegex(@"^[A-Za-z_/.$(][A-Za-z0-9_./$()+;,*=^-]*(?: [A-Za-z0-9_./$()+;,*=^`'""-]+)*\z")]
    private static partial Regex Plain();

    /// <summary>What YAML 1.1 reads as a boolean, null, a number or a document marker.</summary>
    [GeneratedRegex(@"^(?:y|n|yes|no|on|off|true|false|null|\.inf|\.nan|[.][0-9_.eE+-]*)\z", RegexOptions.IgnoreCase)]
    private static partial Regex Reserved();
}

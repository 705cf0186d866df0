using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace CertOperator.Kubernetes;

/// <summary>
/// Looks at YAML before a tree is made of it. The tree is built by recursion, and keys are hashed by recursion through their aliases:
/// nothing but brackets, or a list that holds itself as a key, would overflow the stack, which no process survives.
/// </summary>
public static class YamlShape
{
    private const int MaxDepth = 32;

    /// <summary>Null where a tree can be made, else what is wrong, to follow the name of the file.</summary>
    /// <exception cref="YamlException">The text is not YAML.</exception>
    /// <exception cref="InvalidOperationException">The same; the parser throws this, ArgumentException or FormatException for some broken scalars.</exception>
    public static string? Defect(TextReader text)
    {
        var parser = new Parser(text);
        var open = new Stack<(bool IsMapping, int Children)>();
        while (parser.MoveNext())
        {
            if (parser.Current is MappingEnd or SequenceEnd)
            {
                open.Pop();
            }
            else if (parser.Current is NodeEvent or AnchorAlias)
            {
                if (IsKeyOfManyValues(open, parser.Current))
                {
                    return $"line {parser.Current.Start.Line} has a key that is not a single value";
                }

                if (parser.Current is MappingStart or SequenceStart)
                {
                    open.Push((parser.Current is MappingStart, 0));
                }
            }

            if (open.Count > MaxDepth)
            {
                return $"is nested deeper than {MaxDepth} levels";
            }
        }

        return null;
    }

    private static bool IsKeyOfManyValues(Stack<(bool IsMapping, int Children)> open, ParsingEvent child)
    {
        if (!open.TryPop(out var parent))
        {
            return false;
        }

        open.Push((parent.IsMapping, parent.Children + 1));
        return parent.IsMapping && parent.Children % 2 == 0 && child is not Scalar;
    }
}

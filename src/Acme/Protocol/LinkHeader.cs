namespace CertOperator.Acme;

/// <summary>Link headers (RFC 8288): alternate chains and further pages of orders.</summary>
internal static class LinkHeader
{
    /// <summary>Targets of the links with this relation, in order, as sent. What cannot be read is skipped: links are hints.</summary>
    public static List<string> Targets(IReadOnlyList<string> headerValues, string relation)
    {
        List<string> targets = [];
        foreach (var value in headerValues)
        {
            var rest = value.AsSpan();
            while (TryReadLink(ref rest, relation, out var target, out var matches))
            {
                if (matches)
                {
                    targets.Add(target);
                }
            }
        }

        return targets;
    }

    private static bool TryReadLink(ref ReadOnlySpan<char> rest, string relation, out string target, out bool matches)
    {
        target = "";
        matches = false;
        var open = rest.IndexOf('<');
        if (open < 0)
        {
            return false;
        }

        var close = rest[open..].IndexOf('>');
        if (close < 0)
        {
            return false;
        }

        target = rest[(open + 1)..(open + close)].Trim().ToString();
        rest = rest[(open + close + 1)..];
        matches = HasRelation(TakeParameters(ref rest), relation);
        return true;
    }

    // Parameters run to the next comma outside quotes.
    private static ReadOnlySpan<char> TakeParameters(ref ReadOnlySpan<char> rest)
    {
        var end = EndOf(rest, ',');
        var parameters = rest[..end];
        rest = end < rest.Length ? rest[(end + 1)..] : [];
        return parameters;
    }

    private static bool HasRelation(ReadOnlySpan<char> parameters, string relation)
    {
        while (!parameters.IsEmpty)
        {
            var end = EndOf(parameters, ';');
            var parameter = parameters[..end].Trim();
            parameters = end < parameters.Length ? parameters[(end + 1)..] : [];
            var equals = parameter.IndexOf('=');
            if (equals < 0 || !parameter[..equals].Trim().Equals("rel", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            var value = parameter[(equals + 1)..].Trim().Trim('"');
            foreach (var word in value.Split(' '))
            {
                if (value[word].Equals(relation, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }

            // Only the first rel counts (RFC 8288 section 3.3).
            return false;
        }

        return false;
    }

    private static int EndOf(ReadOnlySpan<char> text, char separator)
    {
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                quoted = !quoted;
            }
            else if (text[i] == separator && !quoted)
            {
                return i;
            }
        }

        return text.Length;
    }
}

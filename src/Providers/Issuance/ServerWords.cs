namespace CertOperator.Providers.Issuance;

/// <summary>What servers say, made safe to repeat.</summary>
internal static class ServerWords
{
    /// <summary>One line of what a server said, without anything that a terminal or a log would act on.</summary>
    /// <param name="text">What it said.</param>
    /// <param name="max">Characters that say enough.</param>
    public static string Excerpt(string text, int max)
    {
        ArgumentNullException.ThrowIfNull(text);
        var line = string.Concat(text.Take(max).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c)).Trim();
        return text.Length > max ? line + "…" : line;
    }
}

namespace CertOperator.Crds.Rules;

/// <summary>Makes what a user wrote safe to repeat in a message: short, and without control characters.</summary>
public static class InputExcerpt
{
    private const int MaxLength = 80;

    public static string Of(string text)
    {
        var excerpt = text.Length <= MaxLength ? text : text[..MaxLength];
        var clean = string.Create(excerpt.Length, excerpt, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                // A lone surrogate would come out of UTF-8 as another character than went in.
                span[i] = char.IsControl(source[i]) || char.IsSurrogate(source[i]) ? '?' : source[i];
            }
        });
        return text.Length <= MaxLength ? $"'{clean}'" : $"'{clean}...' ({text.Length} characters)";
    }
}

using System.Text.Json.Serialization;

namespace CertOperator.Providers.Incidents;

/// <summary>The body of a POST to an incoming webhook.</summary>
internal sealed record SlackMessage(string Text, IReadOnlyList<SlackAttachment> Attachments);

internal sealed record SlackAttachment(
    string Color,
    string Fallback,
    IReadOnlyList<SlackField> Fields,
    string? Title,
    [property: JsonPropertyName("title_link")] string? TitleLink);

internal sealed record SlackField(string Title, string Value, bool Short);

namespace CertOperator.Acme;

/// <summary>A response that was read whole, within the size cap.</summary>
internal sealed record AcmeResponse
{
    public required Uri Url { get; init; }

    public required string Action { get; init; }

    public required int Status { get; init; }

    /// <summary>Media type without parameters, lower case; null when the server sent none.</summary>
    public required string? MediaType { get; init; }

    public required byte[] Body { get; init; }

    public required string? Nonce { get; init; }

    public required string? Location { get; init; }

    public required IReadOnlyList<string> Links { get; init; }

    public required TimeSpan? RetryAfter { get; init; }

    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>A protocol error about this response. The query is left out of the message: some CAs carry state there.</summary>
    public AcmeProtocolException Unexpected(string what, Exception? inner = null) =>
        new($"{Url.GetLeftPart(UriPartial.Path)} answered {Action} with HTTP {Status}, {MediaType ?? "no content type"}: {what}", Status, MediaType, inner);
}

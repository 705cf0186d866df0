namespace CertOperator.Acme;

/// <summary>A problem document (RFC 9457) as ACME uses it (RFC 8555 section 6.7).</summary>
public sealed record AcmeProblem
{
    /// <summary>Type of a problem that the server described by its HTTP status alone.</summary>
    public const string UntypedProblem = "about:blank";

    public required AcmeErrorKind Kind { get; init; }

    /// <summary>The type as sent, such as <c>urn:ietf:params:acme:error:rateLimited</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The CA's sentence for people, without control characters, at most 2,000 characters; may be empty.</summary>
    public required string Detail { get; init; }

    /// <summary>HTTP status: of the response, or the document's own when it stands inside an order or challenge; 0 when neither is known.</summary>
    public int Status { get; init; }

    /// <summary>For <see cref="AcmeErrorKind.UserActionRequired"/>, the page that a person must visit.</summary>
    public string? Instance { get; init; }

    /// <summary>What is wrong with single identifiers (RFC 8555 section 6.7.1).</summary>
    public IReadOnlyList<AcmeSubproblem> Subproblems { get; init; } = [];

    /// <summary>How long the server asks to wait; never negative, capped by <see cref="AcmeClientOptions.MaxRetryAfter"/>.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>One line: short type, detail and the identifiers of the subproblems.</summary>
    public override string ToString()
    {
        var text = $"{ProblemTypes.ShortName(Type)}: {(Detail.Length == 0 ? $"HTTP {Status}" : Detail)}";
        return Subproblems.Count == 0 ? text : $"{text} ({string.Join("; ", Subproblems)})";
    }
}

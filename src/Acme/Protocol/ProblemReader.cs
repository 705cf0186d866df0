using System.Text.Json;

namespace CertOperator.Acme;

/// <summary>Turns refusals into <see cref="AcmeProblem"/>: problem documents, and bare statuses that mean something without one.</summary>
internal static class ProblemReader
{
    private const int MaxDetailChars = 2000;
    private const int MaxSubproblems = 100;

    /// <summary>The problem that an unsuccessful response stands for; null when it is no ACME answer at all.</summary>
    public static AcmeProblem? Read(AcmeResponse response) => ReadDocument(response) ?? FromStatus(response);

    public static AcmeProblem From(WireProblem wire, int httpStatus, TimeSpan? retryAfter)
    {
        var type = Clean(wire.Type) is { Length: > 0 } sent ? sent : AcmeProblem.UntypedProblem;
        return new AcmeProblem
        {
            Kind = ProblemTypes.KindOf(type, httpStatus),
            Type = type,
            Detail = Clean(string.IsNullOrEmpty(wire.Detail) ? wire.Title : wire.Detail),
            Status = httpStatus,
            Instance = wire.Instance is null ? null : Clean(wire.Instance),
            Subproblems = wire.Subproblems is null ? [] : [.. wire.Subproblems.OfType<WireProblem>().Take(MaxSubproblems).Select(Subproblem)],
            RetryAfter = retryAfter,
        };
    }

    private static AcmeProblem? ReadDocument(AcmeResponse response)
    {
        // Some servers label problem documents as plain JSON.
        if (response.Body.Length == 0 || response.MediaType is not ("application/problem+json" or "application/json"))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(response.Body, AcmeJsonContext.Default.WireProblem) is { } wire && (wire.Type ?? wire.Detail ?? wire.Title) is not null
                ? From(wire, response.Status, response.RetryAfter)
                : null;
        }
        catch (JsonException)
        {
            // The status may still say enough; else the caller reports the response as no ACME answer.
            return null;
        }
    }

    private static AcmeProblem? FromStatus(AcmeResponse response)
    {
        (AcmeErrorKind Kind, string Detail)? meaning = response.Status switch
        {
            // Servers leave out the document for resources that they no longer know; a page of text is more likely a wrong URL.
            404 or 410 when response.Body.Length == 0 && response.Action is not (AcmeActions.Directory or AcmeActions.NewNonce) => (AcmeErrorKind.NotFound, "The server does not know this resource (any more)."),
            409 when response.Action == AcmeActions.KeyChange => (AcmeErrorKind.KeyInUse, "The new key already belongs to another account."),
            429 => (AcmeErrorKind.RateLimited, "Too many requests."),
            >= 500 => (AcmeErrorKind.ServerInternal, "The server, or a proxy in front of it, is not able to answer."),
            _ => null,
        };
        return meaning is not { } known
            ? null
            : new AcmeProblem
            {
                Kind = known.Kind,
                Type = AcmeProblem.UntypedProblem,
                Detail = known.Detail,
                Status = response.Status,
                RetryAfter = response.RetryAfter,
            };
    }

    private static AcmeSubproblem Subproblem(WireProblem wire)
    {
        var type = Clean(wire.Type);
        var identifier = wire.Identifier is { Type: { } kind, Value: { } value } ? new AcmeIdentifier(Clean(kind), Clean(value)) : null;
        return new AcmeSubproblem(ProblemTypes.KindOf(type), type, Clean(wire.Detail), identifier);
    }

    // The text ends up in conditions, Events and logs: one line, bounded.
    private static string Clean(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var kept = text.Length <= MaxDetailChars ? text : text[..MaxDetailChars];
        return kept.Any(char.IsControl) ? string.Create(kept.Length, kept, (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? ' ' : source[i];
            }
        }) : kept;
    }
}

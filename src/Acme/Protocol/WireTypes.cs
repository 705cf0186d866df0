using System.Text.Json;
using System.Text.Json.Serialization;

namespace CertOperator.Acme;

// What servers send, before anything of it is believed: all optional, all nullable. One section each of RFC 8555.

/// <summary>Section 7.1.1.</summary>
internal sealed record WireDirectory(
    string? NewNonce, string? NewAccount, string? NewOrder, string? NewAuthz, string? RevokeCert, string? KeyChange, string? RenewalInfo, WireMeta? Meta);

/// <summary>Section 9.7.6; draft-ietf-acme-profiles section 3 for profiles, whose values are kept loose since early servers sent objects.</summary>
internal sealed record WireMeta(
    string? TermsOfService, string? Website, IReadOnlyList<string?>? CaaIdentities, bool? ExternalAccountRequired, Dictionary<string, JsonElement>? Profiles);

/// <summary>Section 7.1.2.</summary>
internal sealed record WireAccount(string? Status, IReadOnlyList<string?>? Contact, string? Orders);

/// <summary>Section 7.1.2.1.</summary>
internal sealed record WireOrderList(IReadOnlyList<string?>? Orders);

/// <summary>Section 7.1.3; RFC 9773 section 5 for replaces.</summary>
internal sealed record WireOrder(
    string? Status, string? Expires, IReadOnlyList<WireIdentifier?>? Identifiers, string? NotBefore, string? NotAfter, WireProblem? Error,
    IReadOnlyList<string?>? Authorizations, string? Finalize, string? Certificate, string? Replaces, string? Profile);

/// <summary>Section 9.7.7.</summary>
internal sealed record WireIdentifier(string? Type, string? Value);

/// <summary>Section 7.1.4.</summary>
internal sealed record WireAuthorization(
    WireIdentifier? Identifier, string? Status, string? Expires, IReadOnlyList<WireChallenge?>? Challenges, bool? Wildcard);

/// <summary>Section 8.</summary>
internal sealed record WireChallenge(string? Type, string? Url, string? Status, string? Token, string? Validated, WireProblem? Error);

/// <summary>Section 6.7.</summary>
internal sealed record WireProblem(
    string? Type, string? Title, string? Detail, int? Status, string? Instance, IReadOnlyList<WireProblem?>? Subproblems, WireIdentifier? Identifier);

/// <summary>RFC 9773 section 4.2.</summary>
internal sealed record WireRenewalInfo(WireWindow? SuggestedWindow, [property: JsonPropertyName("explanationURL")] string? ExplanationUrl);

internal sealed record WireWindow(string? Start, string? End);

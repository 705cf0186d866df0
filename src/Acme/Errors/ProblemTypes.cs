using System.Collections.Frozen;

namespace CertOperator.Acme;

/// <summary>Maps problem type URNs and bare HTTP statuses to <see cref="AcmeErrorKind"/>.</summary>
internal static class ProblemTypes
{
    private const string Prefix = "urn:ietf:params:acme:error:";

    private static readonly FrozenDictionary<string, AcmeErrorKind> Kinds = new Dictionary<string, AcmeErrorKind>(StringComparer.Ordinal)
    {
        ["accountDoesNotExist"] = AcmeErrorKind.AccountDoesNotExist,
        ["alreadyReplaced"] = AcmeErrorKind.AlreadyReplaced,
        ["alreadyRevoked"] = AcmeErrorKind.AlreadyRevoked,
        ["badCSR"] = AcmeErrorKind.BadCsr,
        ["badNonce"] = AcmeErrorKind.BadNonce,
        ["badPublicKey"] = AcmeErrorKind.BadPublicKey,
        ["badRevocationReason"] = AcmeErrorKind.BadRevocationReason,
        ["badSignatureAlgorithm"] = AcmeErrorKind.BadSignatureAlgorithm,
        ["caa"] = AcmeErrorKind.Caa,
        ["compound"] = AcmeErrorKind.Compound,
        ["connection"] = AcmeErrorKind.Connection,
        ["dns"] = AcmeErrorKind.Dns,
        ["externalAccountRequired"] = AcmeErrorKind.ExternalAccountRequired,
        ["incorrectResponse"] = AcmeErrorKind.IncorrectResponse,
        ["invalidContact"] = AcmeErrorKind.InvalidContact,
        ["invalidProfile"] = AcmeErrorKind.InvalidProfile,
        ["malformed"] = AcmeErrorKind.Malformed,
        ["orderNotReady"] = AcmeErrorKind.OrderNotReady,
        ["rateLimited"] = AcmeErrorKind.RateLimited,
        ["rejectedIdentifier"] = AcmeErrorKind.RejectedIdentifier,
        ["serverInternal"] = AcmeErrorKind.ServerInternal,
        ["tls"] = AcmeErrorKind.Tls,
        ["unauthorized"] = AcmeErrorKind.Unauthorized,
        ["unsupportedContact"] = AcmeErrorKind.UnsupportedContact,
        ["unsupportedIdentifier"] = AcmeErrorKind.UnsupportedIdentifier,
        ["userActionRequired"] = AcmeErrorKind.UserActionRequired,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static string ShortName(string type) =>
        type.StartsWith(Prefix, StringComparison.Ordinal) ? type[Prefix.Length..] : type;

    public static AcmeErrorKind KindOf(string type) =>
        type.StartsWith(Prefix, StringComparison.Ordinal) && Kinds.TryGetValue(type[Prefix.Length..], out var kind)
            ? kind
            : AcmeErrorKind.Other;

    /// <summary>The type decides; the HTTP status helps out where the type says nothing, or only "malformed" for a missing resource.</summary>
    public static AcmeErrorKind KindOf(string type, int httpStatus)
    {
        var kind = KindOf(type);
        return (kind, httpStatus) switch
        {
            (AcmeErrorKind.Malformed or AcmeErrorKind.Other, 404 or 410) => AcmeErrorKind.NotFound,
            (AcmeErrorKind.Other, 429) => AcmeErrorKind.RateLimited,
            (AcmeErrorKind.Other, >= 500) => AcmeErrorKind.ServerInternal,
            _ => kind,
        };
    }
}

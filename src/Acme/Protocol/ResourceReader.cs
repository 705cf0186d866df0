using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace CertOperator.Acme;

/// <summary>Turns successful responses into resources; everything unfit becomes an <see cref="AcmeProtocolException"/> that says what.</summary>
internal sealed class ResourceReader(ServerUrls urls)
{
    private const int MaxTokenChars = 1024;

    public AcmeDirectory Directory(AcmeResponse response)
    {
        var wire = Parse(response, AcmeJsonContext.Default.WireDirectory);
        return new AcmeDirectory
        {
            NewNonce = urls.Required(response, wire.NewNonce, "newNonce"),
            NewAccount = urls.Required(response, wire.NewAccount, "newAccount"),
            NewOrder = urls.Required(response, wire.NewOrder, "newOrder"),
            NewAuthorization = urls.Optional(response, wire.NewAuthz, "newAuthz"),
            RevokeCertificate = urls.Optional(response, wire.RevokeCert, "revokeCert"),
            KeyChange = urls.Optional(response, wire.KeyChange, "keyChange"),
            RenewalInfo = urls.Optional(response, wire.RenewalInfo, "renewalInfo"),
            Meta = wire.Meta is null ? new AcmeDirectoryMeta() : Meta(wire.Meta),
        };
    }

    public AcmeAccount Account(AcmeResponse response, Uri? knownUrl)
    {
        var wire = Parse(response, AcmeJsonContext.Default.WireAccount);
        return new AcmeAccount
        {
            Url = knownUrl ?? Location(response),
            Status = wire.Status switch
            {
                "valid" => AccountStatus.Valid,
                "deactivated" => AccountStatus.Deactivated,
                "revoked" => AccountStatus.Revoked,
                _ => throw UnknownStatus(response, "account", wire.Status),
            },
            Contacts = wire.Contact is null ? [] : [.. wire.Contact.OfType<string>()],
            Orders = urls.Optional(response, wire.Orders, "orders"),
            Created = response.Status == 201,
        };
    }

    public IReadOnlyList<Uri> OrderList(AcmeResponse response)
    {
        var wire = Parse(response, AcmeJsonContext.Default.WireOrderList);
        return Urls(response, wire.Orders, "orders");
    }

    public AcmeOrder Order(AcmeResponse response, Uri? knownUrl)
    {
        var wire = Parse(response, AcmeJsonContext.Default.WireOrder);
        return new AcmeOrder
        {
            Url = knownUrl ?? Location(response),
            Status = wire.Status switch
            {
                "pending" => OrderStatus.Pending,
                "ready" => OrderStatus.Ready,
                "processing" => OrderStatus.Processing,
                "valid" => OrderStatus.Valid,
                "invalid" or "deactivated" or "expired" or "revoked" => OrderStatus.Invalid,
                _ => throw UnknownStatus(response, "order", wire.Status),
            },
            Expires = Time(wire.Expires),
            Identifiers = [.. (wire.Identifiers ?? throw response.Unexpected("\"identifiers\" is missing.")).Select(i => Identifier(response, i))],
            NotBefore = Time(wire.NotBefore),
            NotAfter = Time(wire.NotAfter),
            Authorizations = Urls(response, wire.Authorizations, "authorizations"),
            Finalize = urls.Required(response, wire.Finalize, "finalize"),
            Certificate = urls.Optional(response, wire.Certificate, "certificate"),
            Error = wire.Error is null ? null : ProblemReader.From(wire.Error, wire.Error.Status ?? 0, retryAfter: null),
            Replaces = wire.Replaces,
            Profile = wire.Profile,
            RetryAfter = response.RetryAfter,
        };
    }

    public AcmeAuthorization Authorization(AcmeResponse response, Uri? knownUrl)
    {
        var wire = Parse(response, AcmeJsonContext.Default.WireAuthorization);
        return new AcmeAuthorization
        {
            Url = knownUrl ?? Location(response),
            Identifier = Identifier(response, wire.Identifier),
            Status = wire.Status switch
            {
                "pending" => AuthorizationStatus.Pending,
                "valid" => AuthorizationStatus.Valid,
                "invalid" => AuthorizationStatus.Invalid,
                "deactivated" => AuthorizationStatus.Deactivated,
                "expired" => AuthorizationStatus.Expired,
                "revoked" => AuthorizationStatus.Revoked,
                _ => throw UnknownStatus(response, "authorization", wire.Status),
            },
            Expires = Time(wire.Expires),
            Challenges = [.. (wire.Challenges ?? throw response.Unexpected("\"challenges\" is missing.")).Select(c => Challenge(response, c))],
            Wildcard = wire.Wildcard ?? false,
            RetryAfter = response.RetryAfter,
        };
    }

    public AcmeChallenge Challenge(AcmeResponse response) => Challenge(response, Parse(response, AcmeJsonContext.Default.WireChallenge));

    public static RenewalInfo RenewalInfo(AcmeResponse response)
    {
        var wire = Parse(response, AcmeJsonContext.Default.WireRenewalInfo);
        if (Time(wire.SuggestedWindow?.Start) is not { } start || Time(wire.SuggestedWindow?.End) is not { } end)
        {
            throw response.Unexpected("\"suggestedWindow\" has no readable start and end.");
        }

        // RFC 9773 section 4.2: such a window counts as no answer.
        if (end <= start)
        {
            throw response.Unexpected("the suggested window ends before it starts.");
        }

        // Only people follow it, so a broken one is no reason to lose the window.
        var explanation = Uri.TryCreate(wire.ExplanationUrl, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" ? url : null;
        return new RenewalInfo(start, end, explanation, response.RetryAfter);
    }

    private static AcmeDirectoryMeta Meta(WireMeta wire) => new()
    {
        TermsOfService = wire.TermsOfService,
        Website = wire.Website,
        CaaIdentities = wire.CaaIdentities is null ? [] : [.. wire.CaaIdentities.OfType<string>()],
        ExternalAccountRequired = wire.ExternalAccountRequired ?? false,
        Profiles = (wire.Profiles ?? []).ToDictionary(p => p.Key, p => Description(p.Value), StringComparer.Ordinal),
    };

    private static string Description(JsonElement profile)
    {
        try
        {
            return profile.ValueKind == JsonValueKind.String ? profile.GetString()! : "";
        }
        catch (InvalidOperationException)
        {
            // Text that is no Unicode; the profile's name is what counts.
            return "";
        }
    }

    private AcmeChallenge Challenge(AcmeResponse response, WireChallenge? wire)
    {
        if (wire?.Type is not { Length: > 0 } type)
        {
            throw response.Unexpected("a challenge has no \"type\".");
        }

        // Section 8.3: the token becomes part of a path, so nothing but the base64url alphabet may come through.
        if (wire.Token is { } token && (token.Length is 0 or > MaxTokenChars || !Base64UrlText.IsValid(token)))
        {
            throw response.Unexpected($"the token of the {type} challenge is not base64url.");
        }

        if (wire.Token is null && (type is AcmeChallenge.Http01 or AcmeChallenge.Dns01 or AcmeChallenge.TlsAlpn01))
        {
            throw response.Unexpected($"the {type} challenge has no \"token\".");
        }

        return new AcmeChallenge
        {
            Type = type,
            Url = urls.Required(response, wire.Url, "url"),
            Status = wire.Status switch
            {
                "pending" => ChallengeStatus.Pending,
                "processing" => ChallengeStatus.Processing,
                "valid" => ChallengeStatus.Valid,
                "invalid" => ChallengeStatus.Invalid,
                _ => throw UnknownStatus(response, "challenge", wire.Status),
            },
            Token = wire.Token,
            Validated = Time(wire.Validated),
            Error = wire.Error is null ? null : ProblemReader.From(wire.Error, wire.Error.Status ?? 0, retryAfter: null),
            RetryAfter = response.RetryAfter,
        };
    }

    private static T Parse<T>(AcmeResponse response, JsonTypeInfo<T> typeInfo)
        where T : class
    {
        if (response.MediaType is not { } mediaType || !(mediaType is "application/json" or "text/json" || mediaType.EndsWith("+json", StringComparison.Ordinal)))
        {
            throw response.Unexpected("an ACME server answers with application/json. Check the directory URL, and for a proxy or login page in between.");
        }

        try
        {
            return JsonSerializer.Deserialize(response.Body, typeInfo) ?? throw response.Unexpected("the body is null.");
        }
        catch (JsonException e)
        {
            throw response.Unexpected($"the body is not the JSON that RFC 8555 describes (at {(string.IsNullOrEmpty(e.Path) ? "$" : e.Path)}).", e);
        }
    }

    private Uri Location(AcmeResponse response) =>
        urls.FromHeader(response.Url, response.Location)
        ?? throw response.Unexpected(response.Location is null ? "the Location header is missing." : "the Location header is not a usable https URL.");

    private Uri[] Urls(AcmeResponse response, IReadOnlyList<string?>? list, string field) =>
        [.. (list ?? throw response.Unexpected($"\"{field}\" is missing.")).Select(u => urls.Required(response, u, field))];

    private static AcmeIdentifier Identifier(AcmeResponse response, WireIdentifier? wire) =>
        wire is { Type.Length: > 0, Value.Length: > 0 }
            ? new AcmeIdentifier(wire.Type, wire.Value)
            : throw response.Unexpected("an identifier has no type or value.");

    // RFC 3339. Times here inform; an unreadable one must not stop an issuance, so it counts as absent.
    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    private static AcmeProtocolException UnknownStatus(AcmeResponse response, string resource, string? status) =>
        response.Unexpected(status is null ? $"the {resource} has no \"status\"." : $"the {resource} has an unknown \"status\".");
}

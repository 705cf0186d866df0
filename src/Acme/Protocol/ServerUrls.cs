namespace CertOperator.Acme;

/// <summary>
/// Checks URLs that a server hands out. They may lie on other hosts, as RFC 8555 allows (CAs serve certificates and renewal information from
/// elsewhere); the HttpClient's own egress check guards where connections go. They must be https unless the directory itself is plain http.
/// </summary>
internal sealed class ServerUrls(Uri directory)
{
    // Orders at some CAs carry encrypted state in the path.
    private const int MaxUrlChars = 4096;

    private readonly bool _httpAllowed = directory.Scheme == Uri.UriSchemeHttp;

    /// <summary>Null when the URL is fit for use, else what is wrong with it.</summary>
    public string? Reject(Uri url)
    {
        if (!url.IsAbsoluteUri)
        {
            return "the URL is not absolute";
        }

        if (url.Scheme != Uri.UriSchemeHttps && !(_httpAllowed && url.Scheme == Uri.UriSchemeHttp))
        {
            return $"the URL's scheme is {url.Scheme}, it must be https";
        }

        return url.UserInfo.Length > 0 ? "the URL holds a user name" : null;
    }

    /// <summary>A URL from a header, where relative references are allowed; null when unfit.</summary>
    public Uri? FromHeader(Uri requestUrl, string? text) =>
        text is { Length: > 0 and <= MaxUrlChars } && Uri.TryCreate(requestUrl, text, out var url) && Reject(url) is null ? url : null;

    /// <summary>A required URL from a resource.</summary>
    public Uri Required(AcmeResponse response, string? text, string field) =>
        Optional(response, text, field) ?? throw response.Unexpected($"\"{field}\" is missing.");

    /// <summary>An optional URL from a resource; absent is null, unfit is an error.</summary>
    public Uri? Optional(AcmeResponse response, string? text, string field)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        // Where paths start with a slash, .NET takes "/x" for an absolute file URL.
        if (text.Length > MaxUrlChars || text[0] == '/' || !Uri.TryCreate(text, UriKind.Absolute, out var url))
        {
            throw response.Unexpected($"\"{field}\" is not an absolute URL.");
        }

        return Reject(url) is { } reason ? throw response.Unexpected($"\"{field}\": {reason}.") : url;
    }
}

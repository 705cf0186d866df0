using System.Net.Http.Headers;

namespace CertOperator.Acme;

/// <summary>One HTTP exchange: headers, timeout, size cap, failure mapping, observation. Knows nothing of JWS or resources.</summary>
internal sealed class AcmeTransport(HttpClient http, Uri directory, AcmeClientOptions options, TimeProvider time, IAcmeRequestObserver observer)
{
    private static readonly MediaTypeHeaderValue JoseJson = new("application/jose+json");

    /// <exception cref="AcmeTransportException">No whole answer came.</exception>
    /// <exception cref="AcmeProtocolException">The body is over the cap, or the HttpClient followed a redirect.</exception>
    public async Task<AcmeResponse> SendAsync(HttpMethod method, Uri url, string action, byte[]? jws, string accept, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        var status = 0;
        using var timeout = new CancellationTokenSource(options.RequestTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        using var request = CreateRequest(method, url, jws, accept);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, linked.Token);
            status = (int)response.StatusCode;
            return await ReadAsync(request, response, url, action, linked.Token);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            // HttpClient.Timeout lands here too when the owner of the HttpClient set one.
            throw new AcmeTransportException(
                $"{url.Authority} did not answer {action} within {options.RequestTimeout.TotalSeconds:0.#} s.", AcmeTransportFailure.Timeout, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Failed(e, url, action);
        }
        finally
        {
            observer.RequestCompleted(directory.Host, action, status, time.GetElapsedTime(started));
        }
    }

    private HttpRequestMessage CreateRequest(HttpMethod method, Uri url, byte[]? jws, string accept)
    {
        var request = new HttpRequestMessage(method, url) { Version = http.DefaultRequestVersion, VersionPolicy = http.DefaultVersionPolicy };
        request.Headers.TryAddWithoutValidation("User-Agent", options.UserAgent);
        request.Headers.TryAddWithoutValidation("Accept", accept);

        // Section 6.1: without it a CA may answer in any language.
        request.Headers.TryAddWithoutValidation("Accept-Language", "en");
        if (jws is not null)
        {
            request.Content = new ByteArrayContent(jws) { Headers = { ContentType = JoseJson } };
        }

        return request;
    }

    private async Task<AcmeResponse> ReadAsync(HttpRequestMessage request, HttpResponseMessage message, Uri url, string action, CancellationToken ct)
    {
        var response = new AcmeResponse
        {
            Url = url,
            Action = action,
            Status = (int)message.StatusCode,
            MediaType = MediaTypeOf(message),
            Nonce = First(message, "Replay-Nonce"),
            Location = First(message, "Location"),
            Links = All(message, "Link"),
            RetryAfter = RetryAfterHeader.Parse(First(message, "Retry-After"), time.GetUtcNow(), options.MaxRetryAfter),
            Body = [],
        };

        if (request.RequestUri != url)
        {
            throw response.Unexpected("a redirect was followed, which breaks signed requests. The HttpClient must have AllowAutoRedirect off.");
        }

        return response with { Body = await ReadBodyAsync(message.Content, response, ct) };
    }

    private async Task<byte[]> ReadBodyAsync(HttpContent content, AcmeResponse response, CancellationToken ct)
    {
        if (content.Headers.ContentLength is 0)
        {
            return [];
        }

        if (content.Headers.ContentLength > options.MaxBodyBytes)
        {
            throw TooLarge(response);
        }

        using var buffer = new PooledBuffer((int)(content.Headers.ContentLength ?? 4096) + 1);
        await using var stream = await content.ReadAsStreamAsync(ct);
        int read;
        while ((read = await stream.ReadAsync(buffer.GetMemory(), ct)) > 0)
        {
            buffer.Advance(read);
            if (buffer.Length > options.MaxBodyBytes)
            {
                throw TooLarge(response);
            }
        }

        return buffer.Written.ToArray();
    }

    private AcmeProtocolException TooLarge(AcmeResponse response) =>
        response.Unexpected($"the body is larger than {options.MaxBodyBytes} bytes. Check that the directory URL is an ACME server's.");

    private static AcmeTransportException Failed(Exception e, Uri url, string action)
    {
        var failure = ErrorOf(e) switch
        {
            HttpRequestError.NameResolutionError => AcmeTransportFailure.NameResolution,
            HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError => AcmeTransportFailure.Connection,
            HttpRequestError.SecureConnectionError => AcmeTransportFailure.Tls,
            HttpRequestError.ResponseEnded or HttpRequestError.HttpProtocolError => AcmeTransportFailure.Connection,
            _ => e is IOException ? AcmeTransportFailure.Connection : AcmeTransportFailure.Other,
        };
        var what = failure switch
        {
            AcmeTransportFailure.NameResolution => "its name does not resolve",
            AcmeTransportFailure.Tls => "TLS failed; if the CA has a private root, give its CA bundle",
            _ => "the connection failed",
        };
        return new AcmeTransportException($"{url.Authority} could not be asked for {action}: {what} ({e.GetBaseException().Message})", failure, e);
    }

    /// <summary>The innermost that says something: what a ConnectCallback throws is told by the handler as a failed connection, whatever it was.</summary>
    private static HttpRequestError ErrorOf(Exception e)
    {
        var error = HttpRequestError.Unknown;
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            error = inner is HttpRequestException { HttpRequestError: not HttpRequestError.Unknown and var told } ? told : error;
        }

        return error;
    }

    private static string? MediaTypeOf(HttpResponseMessage message)
    {
        if (!message.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values))
        {
            return null;
        }

        var text = values.ToString();
        var semicolon = text.IndexOf(';', StringComparison.Ordinal);
        text = (semicolon < 0 ? text : text[..semicolon]).Trim();
        return (text.Length <= 200 ? text : text[..200]).ToLowerInvariant();
    }

    private static string? First(HttpResponseMessage message, string header) =>
        message.Headers.NonValidated.TryGetValues(header, out var values) ? values.FirstOrDefault() : null;

    private static IReadOnlyList<string> All(HttpResponseMessage message, string header) =>
        message.Headers.NonValidated.TryGetValues(header, out var values) ? [.. values] : [];
}

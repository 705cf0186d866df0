namespace CertOperator.Providers.Egress;

/// <summary>Reads whole answers, up to a limit, before they are handed on: for libraries that would read as much as a server sends.</summary>
internal sealed class CappedAnswers(HttpMessageHandler inner, int maxBytes) : DelegatingHandler(inner)
{
    /// <exception cref="HttpRequestException">The answer is larger, or was cut off.</exception>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        try
        {
            await response.Content.LoadIntoBufferAsync(maxBytes, cancellationToken);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }
}

namespace CertOperator.Providers.Egress;

/// <summary>Reads the body of an answer up to a limit, since a server may send as much as it likes.</summary>
internal static class ResponseBody
{
    /// <returns>Null where the body is larger.</returns>
    public static async Task<byte[]?> ReadAsync(HttpResponseMessage response, int maxBytes, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[16 * 1024];
        using var body = new MemoryStream();
        while (await stream.ReadAsync(buffer, cancellationToken) is var length and > 0)
        {
            body.Write(buffer, 0, length);
            if (body.Length > maxBytes)
            {
                return null;
            }
        }

        return body.ToArray();
    }
}

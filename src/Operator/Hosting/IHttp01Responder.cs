namespace CertOperator.Operator.Hosting;

/// <summary>Knows the open http-01 challenges.</summary>
public interface IHttp01Responder
{
    /// <summary>The key authorization for a token (base64url, at most 256 characters), or null when no challenge has it.</summary>
    ValueTask<string?> FindAsync(string token, CancellationToken ct);
}

using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;

namespace CertOperator.Operator.Hosting;

/// <summary>TLS in front of a port; what Kestrel brings for that needs a service container.</summary>
/// <param name="certificate">What it is served with.</param>
/// <param name="patience">How long a client may take to agree.</param>
/// <param name="next">Goes on with the plain text.</param>
internal sealed class TlsConnections(ServingCertificate certificate, TimeSpan patience, ConnectionDelegate next)
{
    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        var ciphertext = connection.Transport;
        await using var tls = new SslStream(new DuplexStream(ciphertext.Input.AsStream(leaveOpen: true), ciphertext.Output.AsStream(leaveOpen: true)));
        if (!await AgreeAsync(tls, connection.ConnectionClosed))
        {
            return;
        }

        var plaintext = new Transport(PipeReader.Create(tls), PipeWriter.Create(tls));
        connection.Transport = plaintext;
        try
        {
            await next(connection);
            await plaintext.Input.CompleteAsync();
            await plaintext.Output.CompleteAsync();
        }
        finally
        {
            connection.Transport = ciphertext;
        }
    }

    /// <returns>False for a client that speaks something else, refuses the certificate or takes too long: none of it is our fault, or news.</returns>
    private async Task<bool> AgreeAsync(SslStream tls, CancellationToken closed)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(closed);
        limit.CancelAfter(patience);
        try
        {
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = certificate.Current() }, limit.Token);
            return true;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException)
        {
            return false;
        }
    }

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}

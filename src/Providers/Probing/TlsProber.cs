using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertOperator.Crds.Runs;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Pki;
using CertOperator.Providers.Probing.Ocsp;

namespace CertOperator.Providers.Probing;

/// <summary>Looks at the certificate that an endpoint really serves. Accepts any, and reports whether clients would.</summary>
public sealed class TlsProber(EgressDialer dialer, TimeProvider timeProvider)
{
    /// <summary>Dials and makes one TLS handshake, and begins another where a stapled OCSP response is to be looked at. Faults of the network or the server are in the result.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public async Task<ProbeResult> ProbeAsync(ProbeTarget target, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(target);
        var endpoint = new EndpointAddress(target.Host, target.Port).ToString();
        using var timeout = new CancellationTokenSource(target.Timeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        ProbeResult? result = null;
        try
        {
            using var bundle = string.IsNullOrWhiteSpace(target.CaBundlePem) ? null : CaBundle.Parse(target.CaBundlePem);
            var seen = new Seen();
            result = await HandshakeAsync(target, endpoint, bundle, seen, either.Token);
            return target.WithStaple && seen is { Leaf: { } leaf, NamesResponder: true }
                ? result with { Staple = await AskForStapleAsync(target, endpoint, leaf, bundle, either.Token) }
                : result;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return result ?? Failed(endpoint, string.Create(CultureInfo.InvariantCulture, $"{endpoint} did not complete a TLS handshake within {target.Timeout.TotalSeconds:0.###} s."));
        }
        catch (Exception e) when (e is EgressDeniedException or EgressConnectException or StartTlsException or PkiException)
        {
            return result ?? Failed(endpoint, e.Message);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or SocketException or CryptographicException)
        {
            return result ?? Failed(endpoint, $"{endpoint} answered but made no TLS handshake: {Innermost(e).Message}");
        }
    }

    private async Task<ProbeResult> HandshakeAsync(ProbeTarget target, string endpoint, CaBundle? bundle, Seen seen, CancellationToken ct)
    {
        var name = ServerName(target);
        await using var stream = await DialAsync(target, ct);
        await AskForTlsAsync(stream, target, endpoint, ct);
        await using var ssl = new SslStream(stream, leaveInnerStreamOpen: false);
        await ssl.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = name,
                CertificateChainPolicy = ServerTrust.ChainPolicy(bundle),
                // A resumed session would show the certificate of the handshake before.
                AllowTlsResume = false,
                AllowRenegotiation = false,
                RemoteCertificateValidationCallback = (_, certificate, chain, errors) => seen.Record(name, certificate as X509Certificate2, chain, errors, bundle, timeProvider.GetUtcNow()),
            },
            ct);
        return new ProbeResult
        {
            Endpoint = endpoint,
            Reachable = true,
            Leaf = seen.Leaf,
            ChainLength = seen.ChainLength,
            Protocol = Protocol(ssl.SslProtocol),
            ChainTrusted = seen.TrustErrors.Count == 0,
            TrustErrors = seen.TrustErrors,
        };
    }

    private async Task<OcspStaple?> AskForStapleAsync(ProbeTarget target, string endpoint, CertificateFacts leaf, CaBundle? bundle, CancellationToken ct)
    {
        await using var stream = await DialAsync(target, ct);
        await AskForTlsAsync(stream, target, endpoint, ct);
        return await StapleProbe.AskAsync(stream, ServerName(target), leaf, bundle, timeProvider.GetUtcNow(), ct);
    }

    private Task<NetworkStream> DialAsync(ProbeTarget target, CancellationToken ct)
    {
        var dialled = Dialled(target);
        return dialer.DialAsync(dialled.Host, dialled.Port, ct);
    }

    private static Task AskForTlsAsync(NetworkStream stream, ProbeTarget target, string endpoint, CancellationToken ct)
        => target.StartTls is { } protocol ? StartTlsDialogue.BeginAsync(stream, protocol, endpoint, ct) : Task.CompletedTask;

    private static string ServerName(ProbeTarget target) => string.IsNullOrEmpty(target.ServerName) ? target.Host : target.ServerName;

    private static EndpointAddress Dialled(ProbeTarget target)
    {
        if (string.IsNullOrEmpty(target.ConnectTo))
        {
            return new EndpointAddress(target.Host, target.Port);
        }

        return EndpointAddress.TryParse(target.ConnectTo, "connectTo", out var address, out var error, target.Port)
            ? address!
            : throw new EgressConnectException(error!);
    }

    private static ProbeResult Failed(string endpoint, string error) => new() { Endpoint = endpoint, Error = error };

    private static Exception Innermost(Exception e)
    {
        while (e.InnerException is { } inner)
        {
            e = inner;
        }

        return e;
    }

    private static string Protocol(SslProtocols protocol) => protocol switch
    {
        SslProtocols.Tls13 => "TLSv1.3",
        SslProtocols.Tls12 => "TLSv1.2",
        _ => protocol.ToString(),
    };

    /// <summary>What the handshake's callback saw; its certificates do not outlive it.</summary>
    private sealed class Seen
    {
        public CertificateFacts? Leaf { get; private set; }

        /// <summary>Whether the certificate names an OCSP responder; where it does not, nobody could staple anything.</summary>
        public bool NamesResponder { get; private set; }

        public int ChainLength { get; private set; }

        public IReadOnlyList<string> TrustErrors { get; private set; } = [];

        public bool Record(string host, X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors, CaBundle? bundle, DateTimeOffset now)
        {
            TrustErrors = errors == SslPolicyErrors.None ? [] : ServerTrust.Judge(host, certificate, chain, errors, bundle, now);
            if (certificate is not null)
            {
                Leaf = CertificateFacts.From(certificate);
                NamesResponder = NamesOcspResponder(certificate);
                ChainLength = (chain?.ChainPolicy.ExtraStore ?? []).Append(certificate).Select(c => c.Thumbprint).Distinct().Count();
            }

            return true;
        }

        private static bool NamesOcspResponder(X509Certificate2 certificate)
        {
            try
            {
                return certificate.Extensions.OfType<X509AuthorityInformationAccessExtension>().Any(e => e.EnumerateOcspUris().Any());
            }
            catch (CryptographicException)
            {
                // No responder that any client could read.
                return false;
            }
        }
    }
}

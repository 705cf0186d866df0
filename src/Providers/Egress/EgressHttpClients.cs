using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.Egress;

/// <summary>
/// HTTP clients for servers that tenants name, one per set of trusted CAs. They dial through the egress check, follow no
/// redirect, keep no cookie and use no proxy: each of these would reach another place than the one that was checked.
/// </summary>
public sealed class EgressHttpClients : IDisposable
{
    /// <summary>At most this many clients are kept.</summary>
    public const int Capacity = 64;

    private const string SystemRoots = "";
    private const int MaxResponseBytes = 4 * 1024 * 1024;

    private readonly EgressDialer _dialer;
    private readonly TimeProvider _timeProvider;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _byBundle = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _byUse = new();

    public EgressHttpClients(EgressDialer dialer, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(dialer);
        ArgumentNullException.ThrowIfNull(timeProvider);
        _dialer = dialer;
        _timeProvider = timeProvider;
    }

    /// <summary>The number of clients kept.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _byUse.Count;
            }
        }
    }

    /// <summary>
    /// A client that trusts the system's CAs and those of the bundle. It is shared: ask for it again rather than keep it
    /// for good, and do not dispose it.
    /// </summary>
    /// <param name="caBundlePem">CA certificates in PEM; null or empty for the system's alone.</param>
    /// <exception cref="PkiException">The bundle cannot be read.</exception>
    public HttpClient Get(string? caBundlePem) => Find(caBundlePem).Client;

    /// <summary>The same for a library that reads answers by itself: each is read, up to the limit, before the library sees it.</summary>
    /// <inheritdoc cref="Get"/>
    public HttpClient GetCapped(string? caBundlePem) => Find(caBundlePem).Capped;

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var entry in _byUse)
            {
                entry.Client.Dispose();
                entry.Capped.Dispose();
            }

            _byUse.Clear();
            _byBundle.Clear();
        }
    }

    private Entry Find(string? caBundlePem)
    {
        var key = string.IsNullOrWhiteSpace(caBundlePem) ? SystemRoots : CaBundle.FingerprintOf(caBundlePem);
        lock (_lock)
        {
            if (_byBundle.TryGetValue(key, out var known))
            {
                _byUse.Remove(known);
                _byUse.AddFirst(known);
                return known.Value;
            }

            var handler = CreateHandler(key == SystemRoots ? null : CaBundle.Parse(caBundlePem!));
            var entry = new Entry(key, CreateClient(handler), CreateClient(new CappedAnswers(handler, MaxResponseBytes)));
            _byBundle[key] = _byUse.AddFirst(entry);
            if (_byUse.Count > Capacity)
            {
                // It is forgotten, not disposed: someone may be in the middle of a request with it. Its connections close
                // by themselves when they have been idle, and the garbage collector takes the rest.
                _byBundle.Remove(_byUse.Last!.Value.Key);
                _byUse.RemoveLast();
            }

            return entry;
        }
    }

    private SocketsHttpHandler CreateHandler(CaBundle? bundle)
        => new()
        {
            ConnectCallback = _dialer.ConnectAsync,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            // A small compressed body could unfold to more than any limit on what is read.
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(30),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            EnableMultipleHttp2Connections = true,
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = ServerTrust.ChainPolicy(bundle),
                RemoteCertificateValidationCallback = (sender, certificate, chain, errors) => errors == SslPolicyErrors.None || IsTrusted(sender, certificate, chain, errors, bundle),
            },
        };

    private static HttpClient CreateClient(HttpMessageHandler handler)
        => new(handler)
        {
            // Orders come in bursts, and over one HTTP/2 connection a slow answer or a reset stream holds up all of them.
            DefaultRequestVersion = HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            MaxResponseContentBufferSize = MaxResponseBytes,
            Timeout = TimeSpan.FromSeconds(60),
        };

    private bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, CaBundle? bundle)
    {
        var host = (sender as SslStream)?.TargetHostName ?? "the server";
        var found = ServerTrust.Judge(host, certificate as X509Certificate2, chain, errors, bundle, _timeProvider.GetUtcNow());
        return found.Count == 0 ? true : throw new ServerNotTrustedException(host, found);
    }

    private sealed record Entry(string Key, HttpClient Client, HttpClient Capped);
}

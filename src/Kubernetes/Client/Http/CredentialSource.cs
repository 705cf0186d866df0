using System.Text;

namespace CertOperator.Kubernetes;

/// <summary>Gives each request the credentials that are current: rotated files and expired tokens are noticed here.</summary>
internal sealed class CredentialSource : IDisposable
{
    private readonly CachedMaterial? _authority;
    private readonly CachedMaterial? _certificate;
    private readonly CachedMaterial? _key;
    private readonly CachedMaterial? _token;
    private readonly ExecCredentialCache? _exec;
    private readonly string? _basic;
    private readonly Lock _gate = new();
    private RequestCredentials? _current;
    private (byte[]? Authority, object? Certificate, object? Key) _identityOf;
    private byte[]? _tokenOf;

    public CredentialSource(KubernetesClientConfiguration configuration, TimeProvider timeProvider)
    {
        CachedMaterial? Cached(CredentialMaterial? material) => material is null ? null : new CachedMaterial(material, timeProvider);

        ConfigurationCheck.Run(configuration);
        _authority = Cached(configuration.CertificateAuthority);
        _certificate = Cached(configuration.ClientCertificate);
        _key = Cached(configuration.ClientKey);
        _token = Cached(configuration.Token);
        _exec = configuration.Exec is { } plugin
            ? new ExecCredentialCache(new ExecPluginRunner(configuration, plugin), timeProvider)
            : null;
        _basic = configuration.Username is { } user
            ? "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{configuration.Password}"))
            : null;
    }

    /// <exception cref="KubernetesConfigurationException">A file cannot be read, or the exec plugin failed.</exception>
    public async ValueTask<RequestCredentials> GetAsync(CancellationToken cancellationToken)
    {
        var exec = _exec is null ? null : await _exec.GetAsync(cancellationToken);
        lock (_gate)
        {
            var token = _token?.Read();
            var identity = Identity(exec);
            if (_current is null || !ReferenceEquals(_current.Identity, identity) || !ReferenceEquals(_current.Exec, exec)
                || !ReferenceEquals(_tokenOf, token))
            {
                _tokenOf = token;
                _current = new RequestCredentials(Authorization(token, exec), identity, exec);
            }

            return _current;
        }
    }

    /// <summary>After a 401: other credentials than the refused ones, or null when there are none.</summary>
    public async ValueTask<RequestCredentials?> RenewAsync(RequestCredentials refused, CancellationToken cancellationToken)
    {
        _token?.Expire();
        _certificate?.Expire();
        _key?.Expire();
        if (refused.Exec is not null)
        {
            _exec?.Discard(refused.Exec);
        }

        var renewed = await GetAsync(cancellationToken);
        return renewed.IsSameAs(refused) ? null : renewed;
    }

    public void Dispose() => _exec?.Dispose();

    private string? Authorization(byte[]? token, ExecCredentialStatus? exec)
    {
        if (token is not null)
        {
            return "Bearer " + BearerToken.Parse(token, _token!.Origin);
        }

        return string.IsNullOrEmpty(exec?.Token)
            ? _basic
            : "Bearer " + BearerToken.Parse(Encoding.UTF8.GetBytes(exec.Token), "the exec plugin's answer");
    }

    private TlsIdentity Identity(ExecCredentialStatus? exec)
    {
        var fromExec = string.IsNullOrEmpty(exec?.ClientCertificateData) ? null : exec;
        var authority = _authority?.Read();
        var certificate = fromExec is null ? _certificate?.Read() : null;
        var key = fromExec is null ? _key?.Read() : null;
        var of = (authority, (object?)fromExec ?? certificate, (object?)key);
        if (_current is not null && of == _identityOf)
        {
            return _current.Identity;
        }

        try
        {
            var authorities = authority is null ? null : TlsIdentity.ParseAuthorities(authority, _authority!.Origin);
            var client = (fromExec, certificate, key) switch
            {
                ({ } status, _, _) => TlsIdentity.ParseClientCertificate(
                    Encoding.ASCII.GetBytes(status.ClientCertificateData!),
                    Encoding.ASCII.GetBytes(status.ClientKeyData!),
                    "the exec plugin's answer"),
                (null, not null, not null) => TlsIdentity.ParseClientCertificate(certificate, key, _certificate!.Origin),
                _ => null,
            };
            _identityOf = of;
            return new TlsIdentity(authorities, client);
        }
        catch (KubernetesConfigurationException) when (_current is not null && fromExec is null)
        {
            // Certificate and key files are replaced one after the other: the pair before is used until they fit.
            return _current.Identity;
        }
    }
}

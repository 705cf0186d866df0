namespace CertOperator.Kubernetes;

/// <summary>Reads all that a configuration points at, so that a mistake shows at the start and not at the first request.</summary>
internal static class ConfigurationCheck
{
    public static void Run(KubernetesClientConfiguration configuration)
    {
        var speaksSecrets = configuration.Token is not null || configuration.Exec is not null || configuration.Password is not null;
        if (configuration.Server.Scheme == Uri.UriSchemeHttp && !configuration.Server.IsLoopback && speaksSecrets)
        {
            throw new KubernetesConfigurationException(
                $"{configuration.Server}: a token or password would cross the network in the clear; the server's URL must be https");
        }

        if (configuration.CertificateAuthority is { } authority)
        {
            TlsIdentity.ParseAuthorities(authority.Read(), authority.Origin);
        }

        if (configuration.ClientCertificate is { } certificate && configuration.ClientKey is { } key)
        {
            TlsIdentity.ParseClientCertificate(certificate.Read(), key.Read(), certificate.Origin);
        }

        if (configuration.Token is { } token)
        {
            BearerToken.Parse(token.Read(), token.Origin);
        }
    }
}

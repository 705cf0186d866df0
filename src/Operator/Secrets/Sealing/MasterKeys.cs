using System.Net;
using CertOperator.Kubernetes;
using CertOperator.Operator.Options;
using CertOperator.Providers.Egress;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Secrets.Sealing;

/// <summary>The master keys as the options say: where they are kept, and who unwraps them.</summary>
public sealed class MasterKeys : IDisposable
{
    /// <summary>Whoever runs the operator has named these servers, so they may be in a private network; tenants can lead it nowhere with that.</summary>
    private static readonly IReadOnlyList<IPNetwork> Everywhere = [IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("::/0")];

    private readonly EgressHttpClients _http;
    private readonly MasterKeyUnwrapping _unwrapping;
    private readonly MasterKeyReadiness? _readiness;

    private MasterKeys(EgressHttpClients http, MasterKeyUnwrapping unwrapping, IMasterKeys source, MasterKeyReadiness? readiness)
        => (_http, _unwrapping, Source, _readiness) = (http, unwrapping, source, readiness);

    public IMasterKeys Source { get; }

    /// <summary>Why they cannot be used; null when they can.</summary>
    public string? Problem => _readiness?.Problem;

    /// <exception cref="MasterKeyException">What is kept in files cannot be used.</exception>
    public static MasterKeys Create(IKubernetesClient client, OperatorOptions options, IAddressResolver addresses, TimeProvider time, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(options);
        var http = new EgressHttpClients(new EgressDialer(new EgressPolicy([.. Everywhere, .. options.EgressAllow]), addresses, time), time);
        var unwrapping = new MasterKeyUnwrapping(new MasterKeyUnwrappers(options.MasterKeyWrapping, http, time).Create(), time);
        IMasterKeys source = options.MasterKeyFile is { } file
            ? new MasterKeyFile(file, unwrapping, time, loggers.CreateLogger<MasterKeyFile>())
            : new MasterKeySecret(client, options.LeaseNamespace, unwrapping, time, loggers.CreateLogger<MasterKeySecret>());
        return new MasterKeys(http, unwrapping, source, unwrapping.Field is null ? null : new MasterKeyReadiness(source, time, loggers.CreateLogger<MasterKeyReadiness>()));
    }

    /// <summary>Ends when the keys can be used, which those that are not wrapped always can.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _readiness?.WaitAsync(cancellationToken) ?? Task.CompletedTask;

    public void Dispose()
    {
        (Source as IDisposable)?.Dispose();
        _unwrapping.Dispose();
        _http.Dispose();
    }
}

using CertOperator.Operator.Policies.Issuers;
using CertOperator.Providers.Keys;

namespace CertOperator.Operator.Keys;

/// <summary>Opens key backends with the credentials of a policy's namespace.</summary>
public interface IKeyBackendSource
{
    /// <summary>The backend, ready to be asked.</summary>
    /// <param name="namespace">The policy's: credentials come from nowhere else.</param>
    /// <param name="backend">Which one.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <exception cref="Secrets.CredentialException">A Secret is missing or does not hold what it must.</exception>
    Task<IKeyBackend> OpenAsync(string @namespace, ResolvedKeyBackend backend, CancellationToken cancellationToken);
}

/// <summary>The key backends that there are, by what a policy is resolved to.</summary>
public sealed class KeyBackends(IReadOnlyDictionary<Type, IKeyBackendSource> sources)
{
    /// <inheritdoc cref="IKeyBackendSource.OpenAsync"/>
    public Task<IKeyBackend> OpenAsync(string @namespace, ResolvedKeyBackend backend, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backend);
        return sources[backend.GetType()].OpenAsync(@namespace, backend, cancellationToken);
    }
}

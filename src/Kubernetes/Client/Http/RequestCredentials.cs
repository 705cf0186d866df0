namespace CertOperator.Kubernetes;

/// <summary>What one request is made with.</summary>
internal sealed class RequestCredentials(string? authorization, TlsIdentity identity, ExecCredentialStatus? exec)
{
    /// <summary>Value of the Authorization header.</summary>
    public string? Authorization { get; } = authorization;

    public TlsIdentity Identity { get; } = identity;

    /// <summary>The plugin's answer that this was made of.</summary>
    public ExecCredentialStatus? Exec { get; } = exec;

    public bool IsSameAs(RequestCredentials other) =>
        string.Equals(Authorization, other.Authorization, StringComparison.Ordinal) && ReferenceEquals(Identity, other.Identity);
}

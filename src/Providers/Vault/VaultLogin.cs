using System.Security.Cryptography;
using System.Text;

namespace CertOperator.Providers.Vault;

/// <summary>How the operator proves to Vault who it is: a closed set.</summary>
public abstract record VaultLogin
{
    private VaultLogin()
    {
    }

    /// <summary>Where the policy names the credentials, for advice.</summary>
    public required string Field { get; init; }

    /// <summary>Tells one identity from another without holding a secret.</summary>
    internal string Fingerprint => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Parts))));

    /// <summary>What makes this identity another than the next; none of it holds a line break but a secret, which comes last.</summary>
    protected abstract IReadOnlyList<string> Parts { get; }

    /// <summary>A token that somebody else looks after.</summary>
    public sealed record Token(string Value) : VaultLogin
    {
        protected override IReadOnlyList<string> Parts => ["token", Value];

        public override string ToString() => nameof(Token);
    }

    /// <summary>An AppRole and the secret id that goes with it.</summary>
    /// <param name="Mount">Where the auth method is mounted.</param>
    /// <param name="RoleId">The role's id.</param>
    /// <param name="SecretId">Secret.</param>
    public sealed record AppRole(string Mount, string RoleId, string SecretId) : VaultLogin
    {
        protected override IReadOnlyList<string> Parts => ["approle", Mount, RoleId, SecretId];

        public override string ToString() => $"AppRole {{ {Mount} }}";
    }

    /// <summary>A service account of the cluster.</summary>
    /// <param name="Mount">Where the auth method is mounted.</param>
    /// <param name="Role">Role of the auth method.</param>
    /// <param name="Account">Namespace, name and audience of the service account: whoever has the same has the same token.</param>
    /// <param name="RequestToken">Asks the cluster for a token of the account; refuses with an <see cref="Issuance.IssuanceException"/>.</param>
    public sealed record Kubernetes(string Mount, string Role, string Account, Func<CancellationToken, Task<string>> RequestToken) : VaultLogin
    {
        protected override IReadOnlyList<string> Parts => ["kubernetes", Mount, Role, Account];

        public override string ToString() => $"Kubernetes {{ {Mount}, {Role}, {Account} }}";
    }
}

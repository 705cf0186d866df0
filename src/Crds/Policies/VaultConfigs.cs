using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Policies;

/// <summary>A role of a Vault PKI engine that signs requests.</summary>
public sealed record VaultPkiConfig
{
    /// <summary>URL of the server, https only.</summary>
    [Length(1, 2048)]
    public string? Address { get; init; }

    /// <summary>Where the PKI engine is mounted. Default: pki.</summary>
    [Length(1, 256)]
    public string? Mount { get; init; }

    /// <summary>The role to sign with.</summary>
    [Length(1, 256)]
    public string? Role { get; init; }

    /// <summary>Namespace (Vault Enterprise).</summary>
    [Length(1, 256)]
    public string? Namespace { get; init; }

    /// <summary>PEM certificates to trust for the server, in addition to the system's.</summary>
    [Length(1, 330000)]
    public string? CaBundle { get; init; }

    /// <summary>How the operator proves who it is.</summary>
    public VaultAuthConfig? Auth { get; init; }

    /// <summary>Lifetime to ask for. Default: the role's.</summary>
    [RangeMinimum(60)]
    [RangeMaximum(315360000)]
    public int? DurationSeconds { get; init; }
}

/// <summary>A key in Vault: in Transit, which it never leaves, or as a value in a KV engine (version 2).</summary>
public sealed record VaultKeyConfig
{
    /// <summary>URL of the server, https only.</summary>
    [Required]
    [Length(1, 2048)]
    public string Address { get; init; } = "";

    /// <summary>Where a Transit engine is mounted: the key is made there and signs there. Default: transit, unless kvMount is set.</summary>
    [Length(1, 256)]
    public string? TransitMount { get; init; }

    /// <summary>Where a KV engine (version 2) is mounted: the key is made here and kept there too. Excludes transitMount.</summary>
    [Length(1, 256)]
    public string? KvMount { get; init; }

    /// <summary>Name of the key in Transit, or its path in KV. Default: the policy's namespace and name, with a dot between them in Transit and a slash in KV.</summary>
    [Length(1, 256)]
    public string? KeyName { get; init; }

    /// <summary>Namespace (Vault Enterprise).</summary>
    [Length(1, 256)]
    public string? Namespace { get; init; }

    /// <summary>PEM certificates to trust for the server, in addition to the system's.</summary>
    [Length(1, 330000)]
    public string? CaBundle { get; init; }

    /// <summary>How the operator proves who it is.</summary>
    [Required]
    public VaultAuthConfig Auth { get; init; } = new();
}

/// <summary>How the operator logs in to Vault: exactly one of these.</summary>
public sealed record VaultAuthConfig
{
    /// <summary>With a token of a Kubernetes service account.</summary>
    public VaultKubernetesAuth? Kubernetes { get; init; }

    /// <summary>With an AppRole.</summary>
    public VaultAppRoleAuth? AppRole { get; init; }

    /// <summary>With a token that is in a Secret.</summary>
    public VaultTokenAuth? Token { get; init; }
}

/// <summary>Login with a token of a Kubernetes service account of the policy's namespace.</summary>
public sealed record VaultKubernetesAuth
{
    /// <summary>Where the auth method is mounted. Default: kubernetes.</summary>
    [Length(1, 256)]
    public string? Mount { get; init; }

    /// <summary>Role of the auth method.</summary>
    [Required]
    [Length(1, 256)]
    public string Role { get; init; } = "";

    /// <summary>Service account, in the policy's namespace, for which a token of ten minutes is requested. Default: default.</summary>
    [Length(1, 253)]
    public string? ServiceAccount { get; init; }

    /// <summary>Audience of the token, as the role in Vault demands it. One of the API server itself is refused. Default: vault.</summary>
    [Length(1, 256)]
    public string? Audience { get; init; }
}

/// <summary>Login with an AppRole.</summary>
public sealed record VaultAppRoleAuth
{
    /// <summary>Where the auth method is mounted. Default: approle.</summary>
    [Length(1, 256)]
    public string? Mount { get; init; }

    /// <summary>The role's id.</summary>
    [Required]
    [Length(1, 256)]
    public string RoleId { get; init; } = "";

    /// <summary>Secret, in the policy's namespace, whose key "secretId" is the role's secret id.</summary>
    [Required]
    [Length(1, 253)]
    public string SecretName { get; init; } = "";
}

/// <summary>A token that somebody else looks after.</summary>
public sealed record VaultTokenAuth
{
    /// <summary>Secret, in the policy's namespace, whose key "token" is the token.</summary>
    [Required]
    [Length(1, 253)]
    public string SecretName { get; init; } = "";
}

using System.Text.Json.Serialization;

namespace CertOperator.Providers.Vault;

/// <summary>What every answer of Vault is wrapped in.</summary>
internal sealed record VaultEnvelope<T>(T? Data, VaultAuth? Auth);

internal sealed record VaultErrors(IReadOnlyList<string?>? Errors);

/// <summary>A token as a login or a renewal hands it out.</summary>
internal sealed record VaultAuth(string? ClientToken, long LeaseDuration, bool Renewable)
{
    public override string ToString() => nameof(VaultAuth);
}

/// <summary>A token as a look-up describes it.</summary>
internal sealed record VaultTokenFacts(long Ttl, bool Renewable);

internal sealed record VaultAppRoleLogin(string RoleId, string SecretId)
{
    public override string ToString() => nameof(VaultAppRoleLogin);
}

internal sealed record VaultKubernetesLogin(string Role, string Jwt)
{
    public override string ToString() => nameof(VaultKubernetesLogin);
}

internal sealed record VaultPathList(IReadOnlyList<string> Paths);

internal sealed record VaultNothing;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VaultErrors))]
[JsonSerializable(typeof(VaultEnvelope<VaultTokenFacts>))]
[JsonSerializable(typeof(VaultEnvelope<Dictionary<string, IReadOnlyList<string>>>))]
[JsonSerializable(typeof(VaultAppRoleLogin))]
[JsonSerializable(typeof(VaultKubernetesLogin))]
[JsonSerializable(typeof(VaultPathList))]
[JsonSerializable(typeof(VaultNothing))]
internal sealed partial class VaultJsonContext : JsonSerializerContext;

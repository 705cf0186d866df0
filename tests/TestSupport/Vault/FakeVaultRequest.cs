using System.Text.Json.Nodes;

namespace CertOperator.TestSupport.Vault;

/// <summary>A request that a fake Vault has read and let pass.</summary>
/// <param name="Method">GET or POST.</param>
/// <param name="Path">Decoded; below /v1/, or below the mount of the engine that is asked.</param>
/// <param name="Query">Parameters after the question mark.</param>
/// <param name="Namespace">Of the header; empty for the root.</param>
/// <param name="Token">Of the header; null without one.</param>
/// <param name="Body">Empty where there was none.</param>
public sealed record FakeVaultRequest(string Method, string Path, IReadOnlyDictionary<string, string> Query, string Namespace, string? Token, JsonObject Body)
{
    /// <summary>Refuses fields that the API does not document for this path. The real server warns of them; here they are a mistake of the client.</summary>
    public void AllowFields(params string[] fields)
    {
        if (Body.Select(p => p.Key).Except(fields).FirstOrDefault() is { } unknown)
        {
            throw new FakeVaultException(400, $"{Method} {Path} has no field {unknown}");
        }
    }

    public string? Text(string field) => Body[field]?.GetValue<string>();

    public override string ToString() => $"{Method} {Path}";
}

/// <summary>An error as Vault documents it: a status and messages.</summary>
public sealed class FakeVaultException(int status, params string[] errors) : Exception(string.Join("; ", errors))
{
    public int Status { get; } = status;

    public IReadOnlyList<string> Errors { get; } = errors;
}

/// <summary>What an engine answers.</summary>
/// <param name="Data">Null for 204.</param>
/// <param name="Status">200, or 404 for a deleted version in KV.</param>
public sealed record FakeVaultReply(JsonObject? Data, int Status = 200)
{
    public static FakeVaultReply Nothing { get; } = new(null, 204);
}

/// <summary>An engine that is mounted somewhere.</summary>
public interface IFakeEngine
{
    /// <summary>Whether a POST to this path makes something new, for which a policy has to grant create instead of update.</summary>
    bool IsCreation(string path);

    FakeVaultReply Handle(FakeVaultRequest request);
}

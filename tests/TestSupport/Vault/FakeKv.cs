using System.Globalization;
using System.Text.Json.Nodes;

namespace CertOperator.TestSupport.Vault;

/// <summary>A KV engine, version 2: secrets with versions.</summary>
public sealed class FakeKv : IFakeEngine
{
    /// <summary>Versions by path, the first at index 0; null for one that was deleted or destroyed.</summary>
    public Dictionary<string, List<JsonObject?>> Secrets { get; } = [];

    public bool IsCreation(string path) => path.StartsWith("data/", StringComparison.Ordinal) && !Secrets.ContainsKey(path["data/".Length..]);

    public FakeVaultReply Handle(FakeVaultRequest request)
    {
        var parts = request.Path.Split('/', 2);
        return (request.Method, parts[0], parts.Length) switch
        {
            ("GET", "data", 2) => Read(parts[1], request),
            ("POST", "data", 2) => Write(parts[1], request),
            ("POST", "destroy", 2) => Destroy(parts[1], request),
            _ => throw new FakeVaultException(405, "1 error occurred:\n\t* unsupported operation\n\n"),
        };
    }

    private static JsonObject Metadata(int version, bool deleted)
        => new()
        {
            ["created_time"] = "2026-01-02T03:04:05.678901234Z",
            ["custom_metadata"] = null,
            ["deletion_time"] = deleted ? "2026-02-02T03:04:05.678901234Z" : "",
            ["destroyed"] = false,
            ["version"] = version,
        };

    private FakeVaultReply Read(string path, FakeVaultRequest request)
    {
        request.AllowFields();
        var versions = Secrets.GetValueOrDefault(path) ?? throw new FakeVaultException(404);
        var version = request.Query.TryGetValue("version", out var asked) ? int.Parse(asked, CultureInfo.InvariantCulture) : versions.Count;
        if (version < 1 || version > versions.Count)
        {
            throw new FakeVaultException(404);
        }

        var data = versions[version - 1];
        return new FakeVaultReply(new JsonObject { ["data"] = data?.DeepClone(), ["metadata"] = Metadata(version, data is null) }, data is null ? 404 : 200);
    }

    private FakeVaultReply Write(string path, FakeVaultRequest request)
    {
        request.AllowFields("options", "data");
        var versions = Secrets.GetValueOrDefault(path) ?? [];
        if (request.Body["options"]?["cas"] is not { } cas)
        {
            throw new FakeVaultException(400, "check-and-set parameter required for this call");
        }

        if (cas.GetValue<int>() != versions.Count)
        {
            throw new FakeVaultException(400, "check-and-set parameter did not match the current version");
        }

        versions.Add(request.Body["data"]?.DeepClone().AsObject() ?? throw new FakeVaultException(400, "no data provided"));
        Secrets[path] = versions;
        return new FakeVaultReply(Metadata(versions.Count, deleted: false));
    }

    private FakeVaultReply Destroy(string path, FakeVaultRequest request)
    {
        request.AllowFields("versions");
        var versions = Secrets.GetValueOrDefault(path) ?? throw new FakeVaultException(404);
        foreach (var version in request.Body["versions"]!.AsArray().Select(v => v!.GetValue<int>()).Where(v => v <= versions.Count))
        {
            versions[version - 1] = null;
        }

        return FakeVaultReply.Nothing;
    }
}

using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using CertOperator.TestSupport.Certificates;
using CertOperator.TestSupport.Proxies;

namespace CertOperator.TestSupport.Gcp;

/// <summary>Certificates and DNS authorizations of one project. Everything that is made goes through an operation that takes a look to end.</summary>
public sealed class FakeCertificateManager : IDisposable
{
    private const string Base = $"/v1/projects/{FakeGoogle.Project}/locations/{FakeGoogle.Location}/";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, JsonObject> _resources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int Looks, string Path, JsonObject Resource)> _operations = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string?> _seen = new(StringComparer.OrdinalIgnoreCase);
    private readonly TestAuthority _root;
    private readonly TestAuthority _intermediate;
    private int _count;

    internal FakeCertificateManager(TimeProvider clock)
    {
        _root = TestAuthority.CreateRoot(clock, "GTS Root T1");
        _intermediate = _root.CreateIntermediate("WR3 Test");
    }

    public string RootPem => _root.Pem;

    /// <summary>Says what a CNAME record leads to, as Google sees it; null for none.</summary>
    public Func<string, Task<string?>> Resolve { get; set; } = _ => Task.FromResult<string?>(null);

    /// <summary>Looks that an operation takes to end.</summary>
    public int Looks { get; set; } = 1;

    /// <summary>From when on the next certificates are valid; null for an hour ago.</summary>
    public DateTimeOffset? NotBefore { get; set; }

    public IReadOnlyCollection<string> Names
    {
        get
        {
            lock (_lock)
            {
                return [.. _resources.Keys];
            }
        }
    }

    /// <summary>A resource as it is; null where there is none.</summary>
    public JsonObject? Find(string path)
    {
        lock (_lock)
        {
            return _resources.GetValueOrDefault(path)?.DeepClone().AsObject();
        }
    }

    /// <summary>Changes a resource behind the client's back.</summary>
    public void Change(string path, Action<JsonObject> change)
    {
        lock (_lock)
        {
            change(_resources[path]);
        }
    }

    /// <summary>Google looks at all records that it has asked for.</summary>
    internal async Task LookAtRecordsAsync()
    {
        List<string> names;
        lock (_lock)
        {
            names = [.. _resources.Values.Select(r => r["dnsResourceRecord"]?["name"]?.GetValue<string>().TrimEnd('.')).OfType<string>()];
        }

        foreach (string name in names)
        {
            _seen[name] = await Resolve(name);
        }
    }

    /// <summary>Google renews a managed certificate.</summary>
    public void Renew(string path) => Change(path, Issue);

    public void Dispose() => _root.Dispose();

    internal ProxiedAnswer Answer(FakeGoogleRequest request, Action<string> complain)
    {
        lock (_lock)
        {
            if (!request.Path.StartsWith(Base, StringComparison.Ordinal))
            {
                return FakeGoogle.Error(403, "PERMISSION_DENIED", $"Permission 'certificatemanager.certs.get' denied on resource '{request.Path}' (or it may not exist).");
            }

            var path = request.Path[Base.Length..];
            return request.Method switch
            {
                "GET" when path.StartsWith("operations/", StringComparison.Ordinal) => Look(path),
                "GET" => Get(path),
                "POST" => Create(path, request, complain),
                "PATCH" => Patch(path, request, complain),
                _ => Unknown(request, complain),
            };
        }
    }

    private ProxiedAnswer Get(string path)
    {
        // Work is done also while nobody asks for the operation: whoever looks for the resource sees it in time.
        if (_operations.FirstOrDefault(o => o.Value.Looks > 0 && o.Value.Path == path).Key is { } underWay)
        {
            Look(underWay);
        }

        if (!_resources.TryGetValue(path, out var resource))
        {
            return FakeGoogle.Error(404, "NOT_FOUND", $"Resource '{Base}{path}' was not found");
        }

        if (resource["managed"] is JsonObject managed && managed["state"]!.GetValue<string>() == "PROVISIONING")
        {
            Provision(resource, managed);
        }

        return Json(resource);
    }

    private ProxiedAnswer Create(string path, FakeGoogleRequest request, Action<string> complain)
    {
        var query = System.Web.HttpUtility.ParseQueryString(request.Query);
        var (idField, allowed) = path switch
        {
            "certificates" => ("certificateId", new[] { "description", "labels", "managed", "selfManaged", "scope" }),
            "dnsAuthorizations" => ("dnsAuthorizationId", ["description", "labels", "domain", "type"]),
            _ => ("", []),
        };
        if (idField.Length == 0 || query.Count != 1 || query[idField] is not { Length: > 0 and <= 63 } id || Read(request, allowed, complain) is not { } body)
        {
            return Unknown(request, complain);
        }

        if (_resources.ContainsKey($"{path}/{id}"))
        {
            return FakeGoogle.Error(409, "ALREADY_EXISTS", $"Resource '{Base}{path}/{id}' already exists");
        }

        if (path == "dnsAuthorizations")
        {
            var domain = body["domain"]!.GetValue<string>();
            if (domain.StartsWith("*.", StringComparison.Ordinal))
            {
                return FakeGoogle.Error(400, "INVALID_ARGUMENT", "domain must not be a wildcard");
            }

            body["dnsResourceRecord"] = new JsonObject { ["name"] = $"_acme-challenge.{domain}.", ["type"] = "CNAME", ["data"] = $"{Guid.NewGuid()}.9.authorize.certificatemanager.goog." };
        }
        else if (body["managed"] is JsonObject managed)
        {
            managed["state"] = "PROVISIONING";
            foreach (var authorization in managed["dnsAuthorizations"]!.AsArray())
            {
                if (!_resources.ContainsKey(authorization!.GetValue<string>()[(Base.Length - 4)..]))
                {
                    return FakeGoogle.Error(400, "FAILED_PRECONDITION", $"DNS authorization {authorization} does not exist");
                }
            }
        }
        else if (Upload(body) is { } refusal)
        {
            return refusal;
        }

        return Start($"{path}/{id}", body);
    }

    private ProxiedAnswer Patch(string path, FakeGoogleRequest request, Action<string> complain)
    {
        if (request.Query != "?updateMask=selfManaged" || Read(request, ["selfManaged"], complain) is not { } body)
        {
            return Unknown(request, complain);
        }

        if (!_resources.TryGetValue(path, out var resource))
        {
            return FakeGoogle.Error(404, "NOT_FOUND", $"Resource '{Base}{path}' was not found");
        }

        if (resource["managed"] is not null)
        {
            return FakeGoogle.Error(400, "INVALID_ARGUMENT", "certificate type cannot be changed");
        }

        var changed = resource.DeepClone().AsObject();
        changed["selfManaged"] = body["selfManaged"]!.DeepClone();
        return Upload(changed) ?? Start(path, changed);
    }

    /// <summary>An uploaded pair has to be one; the key is kept for nobody to see.</summary>
    private static ProxiedAnswer? Upload(JsonObject certificate)
    {
        var pair = certificate["selfManaged"]!.AsObject();
        var pem = pair["pemCertificate"]!.GetValue<string>();
        try
        {
            using var _ = X509Certificate2.CreateFromPem(pem, pair["pemPrivateKey"]!.GetValue<string>());
        }
        catch (Exception e) when (e is System.Security.Cryptography.CryptographicException or ArgumentException)
        {
            return FakeGoogle.Error(400, "INVALID_ARGUMENT", "The private key does not match the certificate.");
        }

        certificate["selfManaged"] = new JsonObject();
        certificate["pemCertificate"] = pem;
        return null;
    }

    private ProxiedAnswer Start(string path, JsonObject resource)
    {
        resource["name"] = $"{Base[4..]}{path}";
        var operation = $"operations/operation-{++_count}";
        _operations[operation] = (Looks, path, resource);
        if (Looks == 0)
        {
            return Look(operation);
        }

        return Json(new JsonObject { ["name"] = $"{Base[4..]}{operation}", ["done"] = false });
    }

    private ProxiedAnswer Look(string operation)
    {
        if (!_operations.TryGetValue(operation, out var work))
        {
            return FakeGoogle.Error(404, "NOT_FOUND", $"Resource '{Base}{operation}' was not found");
        }

        _operations[operation] = work with { Looks = work.Looks - 1 };
        if (work.Looks > 1)
        {
            return Json(new JsonObject { ["name"] = $"{Base[4..]}{operation}", ["done"] = false });
        }

        _resources.TryAdd(work.Path, work.Resource);
        _resources[work.Path] = work.Resource;
        return Json(new JsonObject { ["name"] = $"{Base[4..]}{operation}", ["done"] = true, ["response"] = work.Resource.DeepClone() });
    }

    /// <summary>Operations of authorizations are not looked at by everybody: they end by themselves.</summary>
    public void FinishOperations()
    {
        lock (_lock)
        {
            foreach (var operation in _operations.Where(o => o.Value.Looks > 0).Select(o => o.Key).ToList())
            {
                _operations[operation] = _operations[operation] with { Looks = 1 };
                Look(operation);
            }
        }
    }

    private void Provision(JsonObject certificate, JsonObject managed)
    {
        var attempts = new JsonArray();
        foreach (var name in managed["dnsAuthorizations"]!.AsArray())
        {
            var authorization = _resources[name!.GetValue<string>()[(Base.Length - 4)..]];
            var record = authorization["dnsResourceRecord"]!;
            var seen = _seen.GetValueOrDefault(record["name"]!.GetValue<string>().TrimEnd('.'));
            if (!string.Equals(seen?.TrimEnd('.'), record["data"]!.GetValue<string>().TrimEnd('.'), StringComparison.OrdinalIgnoreCase))
            {
                attempts.Add(new JsonObject { ["domain"] = authorization["domain"]!.GetValue<string>(), ["state"] = "FAILED", ["failureReason"] = "CONFIG", ["details"] = $"No CNAME record {record["data"]} at {record["name"]}." });
            }
        }

        managed.Remove("authorizationAttemptInfo");
        if (attempts.Count > 0)
        {
            managed["authorizationAttemptInfo"] = attempts;
            return;
        }

        managed["state"] = "ACTIVE";
        Issue(certificate);
    }

    private void Issue(JsonObject certificate)
    {
        using var leaf = _intermediate.Issue(new LeafRequest([.. certificate["managed"]!["domains"]!.AsArray().Select(d => d!.GetValue<string>())]) { NotBefore = NotBefore });
        certificate["pemCertificate"] = leaf.ChainPem;
    }

    private static JsonObject? Read(FakeGoogleRequest request, string[] allowed, Action<string> complain)
    {
        try
        {
            var body = request.ContentType?.StartsWith("application/json", StringComparison.Ordinal) == true ? JsonNode.Parse(request.Body)?.AsObject() : null;
            var strange = body?.Select(p => p.Key).Except(allowed).ToList() ?? [];
            if (strange.Count > 0)
            {
                complain($"unknown fields {string.Join(", ", strange)} in {request.Method} {request.Path}");
            }

            return strange.Count > 0 ? null : body;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ProxiedAnswer Unknown(FakeGoogleRequest request, Action<string> complain)
    {
        complain($"{request.Method} {request.Path}{request.Query}");
        return FakeGoogle.Error(400, "INVALID_ARGUMENT", "Request contains an invalid argument.");
    }

    private static ProxiedAnswer Json(JsonObject body) => ProxiedAnswer.Of(200, "application/json; charset=UTF-8", body.ToJsonString());
}

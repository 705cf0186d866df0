using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using CertOperator.TestSupport.Proxies;
using Microsoft.AspNetCore.Http;

namespace CertOperator.TestSupport.Aws;

/// <summary>
/// KMS, Certificate Manager and the Security Token Service of one account in one region, on one HTTPS port. Signatures are computed anew,
/// bodies are checked whole, and what is signed or issued is real. What a client got wrong is answered as AWS does and kept in <see cref="Violations"/>.
/// </summary>
public sealed class FakeAws : IAsyncDisposable
{
    public const string Region = "eu-central-1";
    public const string Account = "111122223333";
    public const string OtherAccount = "444455556666";

    private readonly ConcurrentQueue<FakeAwsRequest> _requests = new();
    private readonly ConcurrentQueue<string> _violations = new();
    private readonly ConcurrentBag<FakeAwsUser> _users = [];
    private readonly TimeProvider[] _clocks;
    private readonly HttpsServer _server;

    private FakeAws(TimeProvider timeProvider)
    {
        _clocks = [TimeProvider.System, timeProvider];
        Kms = new FakeKms();
        Acm = new FakeAcm(timeProvider);
        Sts = new FakeSts(this, timeProvider);
        User = AddUser("operator");
        _server = new HttpsServer("Endpoint CA", HandleAsync);
    }

    public Uri Address => _server.Address;

    public string CaPem => _server.CaPem;

    /// <summary>A user with a lasting key, who may do everything.</summary>
    public FakeAwsUser User { get; }

    public FakeKms Kms { get; }

    public FakeAcm Acm { get; }

    public FakeSts Sts { get; }

    /// <summary>Requests that were signed as they must be, in the order they came.</summary>
    public IReadOnlyList<FakeAwsRequest> Requests => [.. _requests];

    /// <summary>What was asked in a way that AWS does not know.</summary>
    public IReadOnlyList<string> Violations => [.. _violations];

    /// <summary>Answers in place of the service; null lets it answer.</summary>
    public Func<FakeAwsRequest, FakeAwsAnswer?> Intercept { get; set; } = _ => null;

    /// <summary>Changes an answer on its way back.</summary>
    public Func<FakeAwsRequest, FakeAwsAnswer, FakeAwsAnswer> Spoil { get; set; } = (_, answer) => answer;

    /// <param name="timeProvider">A clock that may sign requests, besides the system's. <value>The system's.</value></param>
    public static async Task<FakeAws> StartAsync(TimeProvider? timeProvider = null)
    {
        var aws = new FakeAws(timeProvider ?? TimeProvider.System);
        await aws._server.StartAsync();
        return aws;
    }

    /// <summary>Another user with a lasting key.</summary>
    public FakeAwsUser AddUser(string name)
        => Add(new FakeAwsUser($"arn:aws:iam::{Account}:user/{name}", Random("AKIA", 16), Random("", 40), null));

    /// <summary>Somebody with a temporary key.</summary>
    public FakeAwsUser AddSession(string name)
        => Add(new FakeAwsUser($"arn:aws:sts::{Account}:assumed-role/{name}/session", Random("ASIA", 16), Random("", 40), Random("FwoGZXIvYXdzE", 60)));

    public int Count(string action) => _requests.Count(r => r.Action == action);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Kms.Dispose();
        Acm.Dispose();
    }

    internal FakeAwsUser Add(FakeAwsUser user)
    {
        _users.Add(user);
        return user;
    }

    internal static string Random(string prefix, int length)
        => prefix + System.Security.Cryptography.RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", length);

    internal void Complain(string violation) => _violations.Enqueue(violation);

    private async Task HandleAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var request = new ProxiedRequest(
            context.Request.Method,
            $"{context.Request.Path.ToUriComponent()}{context.Request.QueryString.ToUriComponent()}",
            [.. context.Request.Headers.SelectMany(h => h.Value.Select(v => KeyValuePair.Create(h.Key, v ?? "")))],
            body.ToArray());
        FakeAwsAnswer answer = Answer(request);
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        context.Response.Headers.Append("x-amzn-RequestId", Guid.NewGuid().ToString());
        context.Response.ContentLength = answer.Body.Length;
        await context.Response.Body.WriteAsync(answer.Body.AsMemory(0, answer.CutAfter ?? answer.Body.Length), context.RequestAborted);
        if (answer.CutAfter is not null)
        {
            await context.Response.Body.FlushAsync(context.RequestAborted);
            context.Abort();
        }
    }

    private FakeAwsAnswer Answer(ProxiedRequest request)
    {
        if (request.Method != "POST" || request.Target != "/")
        {
            return Refuse(request, "UnknownOperationException", "");
        }

        string type = SignatureCheck.Header(request, "Content-Type") ?? "";
        if (SignatureCheck.Header(request, "X-Amz-Target") is not { } target)
        {
            return type.StartsWith("application/x-www-form-urlencoded", StringComparison.Ordinal) ? Sts.Answer(request, Verify) : Refuse(request, "UnknownOperationException", "");
        }

        string service = target.Split('.')[0] switch { "TrentService" => "kms", "CertificateManager" => "acm", _ => "" };
        if (service.Length == 0 || type != "application/x-amz-json-1.1")
        {
            return Refuse(request, "UnknownOperationException", "");
        }

        (FakeAwsUser? user, FakeAwsAnswer? refusal) = Verify(request, service);
        if (refusal is not null)
        {
            return refusal;
        }

        JsonObject body;
        try
        {
            body = JsonNode.Parse(request.Body) as JsonObject ?? throw new JsonException("not an object");
        }
        catch (JsonException e)
        {
            return Refuse(request, "SerializationException", e.Message);
        }

        var asked = new FakeAwsRequest($"{service}:{target.Split('.')[1]}", body, user!);
        _requests.Enqueue(asked);
        return Intercept(asked) ?? Spoil(asked, Serve(asked));
    }

    private FakeAwsAnswer Serve(FakeAwsRequest request)
    {
        var body = new FakeBody(request.Body);
        try
        {
            return request.Action.StartsWith("kms:", StringComparison.Ordinal) ? Kms.Answer(request, body) : Acm.Answer(request, body);
        }
        catch (FakeBodyException e)
        {
            Complain($"{request.Action} {request.Body.ToJsonString()}: {e.Message}");
            return FakeAwsAnswer.Error("SerializationException", e.Message);
        }
    }

    private (FakeAwsUser? User, FakeAwsAnswer? Refusal) Verify(ProxiedRequest request, string service)
        => SignatureCheck.FindProblem(request, Region, service, _users, _clocks, out FakeAwsUser? user) is { } problem
            ? (user, FakeAwsAnswer.Error(problem.Code, problem.Message))
            : (user, null);

    private FakeAwsAnswer Refuse(ProxiedRequest request, string code, string message)
    {
        Complain($"{request} {code} {message}");
        return FakeAwsAnswer.Error(code, message);
    }
}

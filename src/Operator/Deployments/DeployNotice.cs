using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CertOperator.Crds;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Runs;
using CertOperator.Providers.Webhooks;

namespace CertOperator.Operator.Deployments;

/// <summary>What webhooks of a policy are told, as JSON; holds no key. Fields are only ever added; what changes its meaning gets another version.</summary>
public sealed record DeployNotice
{
    public const string CurrentVersion = "certoperator.io/deploy.v1";
    public const string Renewed = "renewed";
    public const string RolledBack = "rolled-back";

    public required string Version { get; init; }

    /// <summary>renewed or rolled-back.</summary>
    public required string Event { get; init; }

    public required string DeliveryId { get; init; }

    public required string Namespace { get; init; }

    public required string Policy { get; init; }

    public required string Run { get; init; }

    public required string Hostname { get; init; }

    public required IReadOnlyList<string> Names { get; init; }

    public required string SecretName { get; init; }

    public required string Fingerprint { get; init; }

    public required string Serial { get; init; }

    public required string Issuer { get; init; }

    public required DateTimeOffset NotBefore { get; init; }

    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>The message for one receiver. Each try of a run gives the same bytes.</summary>
    public static WebhookMessage MessageFor(RunContext context, CertificateSummary certificate, Uri url)
    {
        var notice = new DeployNotice
        {
            Version = CurrentVersion,
            Event = context.RollbackTo is null ? Renewed : RolledBack,
            DeliveryId = IdOf(context.Run.Metadata.Uid!, url),
            Namespace = context.Namespace,
            Policy = context.Policy.Metadata.Name,
            Run = context.Run.Metadata.Name,
            Hostname = context.Resolved.Names[0],
            Names = certificate.Names ?? [],
            SecretName = context.Resolved.SecretName,
            Fingerprint = certificate.Fingerprint,
            Serial = certificate.Serial,
            Issuer = certificate.Issuer,
            NotBefore = certificate.NotBefore,
            NotAfter = certificate.NotAfter,
        };
        return new WebhookMessage(notice.Event, notice.DeliveryId, JsonSerializer.SerializeToUtf8Bytes(notice, DeployNoticeJsonContext.Default.DeployNotice));
    }

    /// <summary>Stands for a run and a URL, and gives the URL away to nobody.</summary>
    public static string IdOf(string runUid, Uri url) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{runUid}\n{url.AbsoluteUri}")))[..32];
}

/// <summary>JSON of <see cref="DeployNotice"/>, generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(DeployNotice))]
internal sealed partial class DeployNoticeJsonContext : JsonSerializerContext;

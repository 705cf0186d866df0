using CertOperator.Crds.Policies;
using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Settings;

/// <summary>Who is told when a run fails or needs a person. Credentials are Secrets of the same namespace.</summary>
public sealed record IncidentSettings
{
    /// <summary>PagerDuty's Events API v2.</summary>
    public PagerDutySettings? PagerDuty { get; init; }

    /// <summary>Servers that take a signed JSON document.</summary>
    [Items(0, 10)]
    [ListMapKey("name")]
    public IReadOnlyList<WebhookSettings>? Webhooks { get; init; }

    /// <summary>An incoming webhook of Slack, or of a server that takes the same, such as Mattermost.</summary>
    public SlackSettings? Slack { get; init; }

    /// <summary>How mail to the addresses in a policy's notifyOnFailure is sent.</summary>
    public MailSettings? Email { get; init; }

    /// <summary>Name of this cluster in messages and in the keys of incidents: set it where several clusters tell the same receiver. Default: default.</summary>
    [Length(1, 63)]
    [Pattern("^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$")]
    public string? Cluster { get; init; }

    /// <summary>A page, http or https, that messages link to: what to do first.</summary>
    [Length(1, 2048)]
    public string? RunbookUrl { get; init; }
}

/// <summary>A service of PagerDuty.</summary>
public sealed record PagerDutySettings
{
    /// <summary>Secret whose key "routingKey" holds the integration key of the service.</summary>
    [Required]
    [Length(1, 253)]
    public string RoutingKeySecretName { get; init; } = "";

    /// <summary>Server of the Events API, https. Default: https://events.pagerduty.com; accounts in Europe use https://events.eu.pagerduty.com.</summary>
    [Length(1, 2048)]
    public string? Endpoint { get; init; }
}

/// <summary>A server that is told by POST.</summary>
public sealed record WebhookSettings
{
    /// <summary>Tells webhooks apart in status and messages.</summary>
    [Required]
    [Length(1, 63)]
    [Pattern("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]
    public string Name { get; init; } = "";

    /// <summary>http or https. It must not redirect.</summary>
    [Required]
    [Length(1, 2048)]
    public string Url { get; init; } = "";

    /// <summary>Secret whose key "signingKey" the messages are signed with (HMAC-SHA256).</summary>
    [Required]
    [Length(1, 253)]
    public string SecretName { get; init; } = "";

    /// <summary>PEM certificates to trust for the server, in addition to the system's.</summary>
    [Length(1, 330000)]
    public string? CaBundle { get; init; }
}

/// <summary>A channel.</summary>
public sealed record SlackSettings
{
    /// <summary>Secret whose key "url" holds the address of the incoming webhook, https.</summary>
    [Required]
    [Length(1, 253)]
    public string UrlSecretName { get; init; } = "";
}

/// <summary>A mail server.</summary>
public sealed record MailSettings
{
    /// <summary>Address of the sender.</summary>
    [Required]
    [Length(3, 254)]
    [Pattern(PolicySpec.MailAddressPattern)]
    public string From { get; init; } = "";

    /// <summary>Name or address of the server.</summary>
    [Required]
    [Length(1, 253)]
    public string SmtpHost { get; init; } = "";

    /// <summary>Default: 587.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(65535)]
    public int? SmtpPort { get; init; }

    /// <summary>Whether the connection must be encrypted by STARTTLS. Credentials are sent over no other. Default: true.</summary>
    public bool? StartTls { get; init; }

    /// <summary>Secret with the keys "username" and "password". Default: no login.</summary>
    [Length(1, 253)]
    public string? CredentialsSecretName { get; init; }

    /// <summary>PEM certificates to trust for the server, in addition to the system's.</summary>
    [Length(1, 330000)]
    public string? CaBundle { get; init; }
}

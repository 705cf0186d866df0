namespace CertOperator.Providers.Incidents;

/// <summary>A receiver with everything that is needed to reach it, credentials too: a closed set. Nothing here is to be logged.</summary>
public abstract record IncidentTarget
{
    private IncidentTarget()
    {
    }

    // The text that records write of themselves would hold the credentials.
    public sealed override string ToString() => GetType().Name;

    /// <summary>A service of PagerDuty.</summary>
    public sealed record PagerDuty(string RoutingKey, Uri Endpoint) : IncidentTarget;

    /// <summary>A server that takes signed JSON.</summary>
    public sealed record Webhook(string Name, Uri Url, byte[] SigningKey, string? CaBundle) : IncidentTarget;

    /// <summary>An incoming webhook of Slack.</summary>
    public sealed record Slack(Uri Url) : IncidentTarget;

    /// <summary>One mail address, and the server that takes mail for it.</summary>
    public sealed record Mail(MailServer Server, string From, string To) : IncidentTarget;
}

/// <summary>A mail server. Not to be logged.</summary>
public sealed record MailServer(string Host, int Port, bool StartTls, string? CaBundle, MailLogin? Login)
{
    public override string ToString() => Host;
}

/// <summary>Not to be logged.</summary>
public sealed record MailLogin(string Username, string Password)
{
    public override string ToString() => nameof(MailLogin);
}

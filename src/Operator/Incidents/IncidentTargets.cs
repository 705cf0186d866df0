using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Incidents;
using CertOperator.Providers.Webhooks;

namespace CertOperator.Operator.Incidents;

/// <summary>Fetches the Secrets that receivers are reached with, always from the policy's own namespace.</summary>
public sealed partial class IncidentTargets(IKubernetesClient client)
{
    private const string RoutingKey = "routingKey";
    private const string SlackUrl = "url";
    private const string Username = "username";
    private const string Password = "password";
    private const string Field = "CertificateRenewalSettings default, spec.incidents";
    private const int DefaultSmtpPort = 587;
    private const int ShortestSigningKey = 16;
    private const int MaxSecretBytes = 16 * 1024;
    private static readonly Uri DefaultPagerDuty = new("https://events.pagerduty.com");

    private readonly IResourceClient<Secret> _secrets = client.Resource(CoreResources.Secrets);

    public async Task<ResolvedTarget> ResolveAsync(string @namespace, IncidentSinkSpec spec, CancellationToken cancellationToken)
    {
        var used = new List<string> { spec.ToString() };
        try
        {
            var reader = new SecretReader(_secrets, @namespace, used);
            var target = await ResolveAsync(spec, reader, cancellationToken);
            return new ResolvedTarget(target, null, Stamp(used));
        }
        catch (CredentialException e)
        {
            return new ResolvedTarget(null, e.Message, Stamp(used));
        }
    }

    private static async Task<IncidentTarget> ResolveAsync(IncidentSinkSpec spec, SecretReader secrets, CancellationToken cancellationToken)
    {
        switch (spec)
        {
            case IncidentSinkSpec.PagerDuty pagerDuty:
                var endpoint = pagerDuty.Endpoint is { } given ? PrivateUrl(given, $"{Field}.pagerDuty.endpoint", "https://events.pagerduty.com") : DefaultPagerDuty;
                var routingKey = await secrets.ReadTextAsync(pagerDuty.SecretName, RoutingKey, $"{Field}.pagerDuty.routingKeySecretName", cancellationToken);
                return new IncidentTarget.PagerDuty(routingKey, endpoint);

            case IncidentSinkSpec.Webhook { Settings: var webhook }:
                var url = Url(webhook.Url, $"{Field}.webhooks[{webhook.Name}].url", "https://hooks.example.com/certificates");
                var keyField = $"{Field}.webhooks[{webhook.Name}].secretName";
                var signingKey = Encoding.UTF8.GetBytes(await secrets.ReadTextAsync(webhook.SecretName, WebhookSignature.SecretKey, keyField, cancellationToken));
                return signingKey.Length >= ShortestSigningKey
                    ? new IncidentTarget.Webhook(webhook.Name, url, signingKey, webhook.CaBundle)
                    : throw new CredentialException($"{keyField}: key {WebhookSignature.SecretKey} of Secret {webhook.SecretName} is shorter than {ShortestSigningKey} bytes. Put a random one there, such as that of: openssl rand -hex 32");

            case IncidentSinkSpec.Slack { Settings: var slack }:
                var hook = await secrets.ReadTextAsync(slack.UrlSecretName, SlackUrl, $"{Field}.slack.urlSecretName", cancellationToken);
                // The URL is the credential: a message about it must not repeat it.
                return new IncidentTarget.Slack(PrivateUrl(hook, $"{Field}.slack: the key {SlackUrl} of Secret {slack.UrlSecretName}", "the address of an incoming webhook", quote: false));

            case IncidentSinkSpec.Mail mail:
                return await MailAsync(mail, secrets, cancellationToken);

            default:
                throw new InvalidOperationException($"Unknown receiver {spec.GetType().Name}.");
        }
    }

    private static async Task<IncidentTarget.Mail> MailAsync(IncidentSinkSpec.Mail mail, SecretReader secrets, CancellationToken cancellationToken)
    {
        if (mail.Settings is not { } settings)
        {
            throw new CredentialException($"spec.notifyOnFailure: no mail can be sent, for {Field}.email is missing. Name the sender and the mail server there.");
        }

        CheckAddress(mail.To, "spec.notifyOnFailure");
        CheckAddress(settings.From, $"{Field}.email.from");
        if (Uri.CheckHostName(settings.SmtpHost.Trim('[', ']')) == UriHostNameType.Unknown)
        {
            throw new CredentialException($"{Field}.email.smtpHost is no host name or address.");
        }

        var startTls = settings.StartTls ?? true;
        if (!startTls && settings.CredentialsSecretName is not null)
        {
            throw new CredentialException($"{Field}.email: a password is not sent over a connection that is not encrypted. Remove startTls: false or credentialsSecretName.");
        }

        var login = settings.CredentialsSecretName is { } name
            ? new MailLogin(
                await secrets.ReadTextAsync(name, Username, $"{Field}.email.credentialsSecretName", cancellationToken),
                await secrets.ReadTextAsync(name, Password, $"{Field}.email.credentialsSecretName", cancellationToken))
            : null;
        return new IncidentTarget.Mail(new MailServer(settings.SmtpHost, settings.SmtpPort ?? DefaultSmtpPort, startTls, settings.CaBundle, login), settings.From, mail.To);
    }

    /// <summary>The API server checks this too; an object that is older than the check passes there.</summary>
    private static void CheckAddress(string address, string field)
    {
        // .NET's $ lets a line feed pass that RE2's does not.
        if (address.Length > 254 || address.Any(char.IsControl) || !MailAddress().IsMatch(address))
        {
            throw new CredentialException($"{field} holds something that is no plain mail address. Write it as name@example.com.");
        }
    }

    private static Uri Url(string text, string field, string example, bool quote = true)
        => Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp) && uri.Host.Length > 0 && uri.UserInfo.Length == 0
            ? uri
            : throw new CredentialException($"{field}{(quote ? $": \"{text}\"" : "")} is no http or https URL without a user name. Give {example}.");

    /// <summary>What is sent there, or the URL itself, is secret: nobody on the way may read it.</summary>
    private static Uri PrivateUrl(string text, string field, string example, bool quote = true)
    {
        var url = Url(text, field, example, quote);
        return url.Scheme == Uri.UriSchemeHttps || (IPAddress.TryParse(url.Host, out var address) && IPAddress.IsLoopback(address))
            ? url
            : throw new CredentialException($"{field}{(quote ? $": \"{text}\"" : "")} is no https URL. Give {example}.");
    }

    /// <summary>Tells whether anything has changed since, and nothing about a Secret but its version.</summary>
    private static string Stamp(List<string> used) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', used))))[..16];

    [GeneratedRegex(PolicySpec.MailAddressPattern)]
    private static partial Regex MailAddress();

    private sealed class SecretReader(IResourceClient<Secret> secrets, string @namespace, List<string> used)
    {
        /// <summary>A line break at the end comes from an editor and does not count.</summary>
        public async Task<string> ReadTextAsync(string name, string key, string field, CancellationToken cancellationToken)
        {
            Secret? secret;
            try
            {
                secret = await secrets.FindAsync(new NamespacedName(@namespace, name), cancellationToken);
            }
            catch (ForbiddenException e)
            {
                throw new CredentialException($"{field}: the operator may not read Secret {name} in namespace {@namespace}.", e);
            }

            used.Add($"{name} {secret?.Metadata.Uid} {secret?.Metadata.ResourceVersion}");
            if (secret is null)
            {
                throw new CredentialException($"{field}: Secret {name} does not exist in namespace {@namespace}. Create it with key {key}.");
            }

            return secret.Data?.GetValueOrDefault(key) switch
            {
                null or { Length: 0 } => throw new CredentialException($"{field}: Secret {name} has no key {key}. Add it."),
                { Length: > MaxSecretBytes } => throw new CredentialException($"{field}: key {key} of Secret {name} is larger than {MaxSecretBytes / 1024} KiB."),
                var value => Encoding.UTF8.GetString(value).TrimEnd('\r', '\n'),
            };
        }
    }
}

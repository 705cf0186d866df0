using System.Globalization;
using System.Text.Json.Nodes;
using CertOperator.TestSupport.Proxies;

namespace CertOperator.EndToEnd.Authorities;

/// <summary>Renewal information (RFC 9773) in place of the CA's: the Pebbles of some distributions offer none.</summary>
internal static class RenewalInformation
{
    /// <summary>From now on the directory names it, and the answer comes from the test.</summary>
    public static void Offer(AcmeProxy acme, Func<AcmeRequest, ProxiedAnswer> answer)
    {
        acme.Hooks.Before = request => Task.FromResult(request.Kind == AcmeRequestKind.RenewalInfo ? answer(request) : null);
        acme.Hooks.After = (request, sent) =>
        {
            if (request.Kind != AcmeRequestKind.Directory)
            {
                return Task.FromResult(sent);
            }

            JsonObject directory = JsonNode.Parse(sent.BodyText)!.AsObject();
            directory["renewalInfo"] = new Uri(acme.DirectoryUrl, "/renewalInfo").AbsoluteUri;
            return Task.FromResult(sent.WithBody(directory.ToJsonString()));
        };
    }

    public static ProxiedAnswer Window(DateTimeOffset start, DateTimeOffset end) => ProxiedAnswer.Of(
        200,
        "application/json",
        string.Create(CultureInfo.InvariantCulture, $$"""{"suggestedWindow":{"start":"{{start:yyyy-MM-ddTHH:mm:ssZ}}","end":"{{end:yyyy-MM-ddTHH:mm:ssZ}}"} }"""));
}

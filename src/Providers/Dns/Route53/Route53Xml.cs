using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using CertOperator.Providers.Dns.Api;
using CertOperator.Providers.Dns.Protocol;

namespace CertOperator.Providers.Dns.Route53;

/// <summary>The XML of Route 53's API.</summary>
internal static class Route53Xml
{
    private static readonly XNamespace Namespace = "https://route53.amazonaws.com/doc/2013-04-01/";

    public static string? PublicZoneOf(DnsApiAnswer answer, DnsName name, DnsApi api)
        => Read(answer, api).Descendants(Namespace + "HostedZone")
            .FirstOrDefault(z => IsNamed(z, name) && z.Element(Namespace + "Config")?.Element(Namespace + "PrivateZone")?.Value != "true")
            ?.Element(Namespace + "Id")?.Value.Split('/')[^1];

    /// <summary>The answer begins at the name that was asked for and goes on with others where there is no such set.</summary>
    public static Route53Set? SetOf(DnsApiAnswer answer, DnsName name, Route53Type type, DnsApi api)
        => Read(answer, api).Descendants(Namespace + "ResourceRecordSet").FirstOrDefault(s => IsNamed(s, name) && s.Element(Namespace + "Type")?.Value == type.Name) is { } set
            ? new Route53Set(set, [.. set.Descendants(Namespace + "Value").Select(v => v.Value.Replace("\" \"", "", StringComparison.Ordinal).Trim('"'))])
            : null;

    /// <summary>Deletes the set as it is, exactly, and creates the one that is wanted, if any value is left: all or nothing.</summary>
    public static string Change(DnsName name, Route53Type type, Route53Set? existing, string[] values)
    {
        var changes = new List<XElement>();
        if (existing is not null)
        {
            changes.Add(new XElement(Namespace + "Change", new XElement(Namespace + "Action", "DELETE"), existing.Xml));
        }

        if (values.Length > 0)
        {
            var set = new XElement(
                Namespace + "ResourceRecordSet",
                new XElement(Namespace + "Name", $"{name}."),
                new XElement(Namespace + "Type", type.Name),
                new XElement(Namespace + "TTL", type.TimeToLive.ToString(CultureInfo.InvariantCulture)),
                new XElement(Namespace + "ResourceRecords", values.Select(v => new XElement(Namespace + "ResourceRecord", new XElement(Namespace + "Value", type.IsQuoted ? $"\"{v}\"" : v)))));
            changes.Add(new XElement(Namespace + "Change", new XElement(Namespace + "Action", "CREATE"), set));
        }

        return new XElement(
            Namespace + "ChangeResourceRecordSetsRequest",
            new XElement(Namespace + "ChangeBatch", new XElement(Namespace + "Changes", changes))).ToString(SaveOptions.DisableFormatting);
    }

    public static string ChangeIdOf(DnsApiAnswer answer, DnsApi api)
        => Read(answer, api).Descendants(Namespace + "ChangeInfo").FirstOrDefault()?.Element(Namespace + "Id")?.Value.Split('/')[^1]
        ?? throw api.Unexpected("no id of the change");

    public static string? StatusOf(DnsApiAnswer answer, DnsApi api)
        => Read(answer, api).Descendants(Namespace + "ChangeInfo").FirstOrDefault()?.Element(Namespace + "Status")?.Value;

    /// <summary>The set is not as it was read any more. Route 53 says so in words only.</summary>
    public static bool IsConflict(DnsApiAnswer answer)
        => answer.Body.Contains("InvalidChangeBatch", StringComparison.Ordinal)
        && (answer.Body.Contains("already exists", StringComparison.Ordinal) || answer.Body.Contains("not found", StringComparison.Ordinal)
            || answer.Body.Contains("do not match", StringComparison.Ordinal));

    public static bool IsThrottled(DnsApiAnswer answer)
        => answer.Body.Contains("<Code>Throttling", StringComparison.Ordinal) || answer.Body.Contains("<Code>PriorRequestNotComplete<", StringComparison.Ordinal);

    private static bool IsNamed(XElement element, DnsName name)
        => string.Equals(element.Element(Namespace + "Name")?.Value.TrimEnd('.'), name.ToString(), StringComparison.OrdinalIgnoreCase);

    private static XElement Read(DnsApiAnswer answer, DnsApi api)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(answer.Body), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            return XElement.Load(reader);
        }
        catch (XmlException)
        {
            throw api.Unexpected("something that is no XML of its API");
        }
    }
}

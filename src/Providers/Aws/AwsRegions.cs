using System.Text.RegularExpressions;
using Amazon;

namespace CertOperator.Providers.Aws;

/// <summary>Which region is asked, and where. Pure.</summary>
public static partial class AwsRegions
{
    /// <summary>The region that is meant by a field, or by an ARN where the field says nothing.</summary>
    /// <param name="region">What the field says; null where it says nothing.</param>
    /// <param name="arn">An ARN that is asked for there; null where there is none.</param>
    /// <param name="field">The object whose "region" is spoken of, for advice.</param>
    /// <param name="invalid">Takes a sentence on what is wrong.</param>
    /// <returns>Null where something is wrong.</returns>
    public static string? Resolve(string? region, AwsArn? arn, string field, Action<string> invalid)
    {
        ArgumentNullException.ThrowIfNull(invalid);
        if (region is not null && !Pattern().IsMatch(region))
        {
            invalid($"{field}.region: \"{region}\" is no region. Write it as eu-central-1.");
            return null;
        }

        if (region is not null && arn is not null && arn.Region != region)
        {
            invalid($"{field}.region is {region}, and {arn} is in region {arn.Region}. Name {arn.Region}, or leave region out.");
            return null;
        }

        var found = region ?? arn?.Region;
        if (found is null || !Pattern().IsMatch(found))
        {
            invalid($"{field}.region is missing. Set it to the region to ask, such as eu-central-1.");
            return null;
        }

        return found;
    }

    /// <summary>Whether a text has the form of a region's name; whether there is such a region is another question.</summary>
    public static bool IsRegion(string text) => Pattern().IsMatch(text);

    /// <summary>The public endpoint of a service in a region.</summary>
    public static Uri Endpoint(string service, string region)
        => new($"https://{service}.{region}.{RegionEndpoint.GetBySystemName(region).PartitionDnsSuffix}");

    // It becomes a part of a host name.
    [GeneratedRegex("^[a-z]{2}(-[a-z]{2,16}){1,3}-[0-9]{1,2}$")]
    private static partial Regex Pattern();
}

using CertOperator.Providers.Aws;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Aws;

public sealed class AwsRegionsTests
{
    private const string Key = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    [TestCase("eu-west-1", null, "eu-west-1")]
    [TestCase(null, Key, "eu-central-1")]
    [TestCase("eu-central-1", Key, "eu-central-1")]
    [TestCase("us-gov-west-1", null, "us-gov-west-1")]
    [TestCase("us-iso-east-1", null, "us-iso-east-1")]
    public void A_region_comes_from_the_field_or_the_ARN(string? region, string? arn, string expected)
        => Assert.That(AwsRegions.Resolve(region, AwsArn.TryParse(arn), "f", p => Assert.Fail(p)), Is.EqualTo(expected));

    [TestCase(null, null, "f.region is missing. Set it to the region to ask, such as eu-central-1.")]
    [TestCase("eu-west-1", Key, "f.region is eu-west-1, and arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab is in region eu-central-1. Name eu-central-1, or leave region out.")]
    [TestCase("evil.example/#", null, "f.region: \"evil.example/#\" is no region. Write it as eu-central-1.")]
    [TestCase("EU-CENTRAL-1", null, "f.region: \"EU-CENTRAL-1\" is no region. Write it as eu-central-1.")]
    [TestCase(null, "arn:aws:kms:evil.example/#:1:key/a", "f.region is missing. Set it to the region to ask, such as eu-central-1.")]
    public void A_region_that_is_none_is_explained(string? region, string? arn, string expected)
    {
        var problems = new List<string>();
        Assert.That(AwsRegions.Resolve(region, AwsArn.TryParse(arn), "f", problems.Add), Is.Null);
        Assert.That(problems, Is.EqualTo(new[] { expected }));
    }

    [TestCase("kms", "eu-central-1", "https://kms.eu-central-1.amazonaws.com/")]
    [TestCase("acm", "cn-north-1", "https://acm.cn-north-1.amazonaws.com.cn/")]
    [TestCase("sts", "us-gov-west-1", "https://sts.us-gov-west-1.amazonaws.com/")]
    public void Each_partition_has_its_own_endpoints(string service, string region, string expected)
        => Assert.That(AwsRegions.Endpoint(service, region).AbsoluteUri, Is.EqualTo(expected));

    [TestCase("")]
    [TestCase("arn:aws:kms")]
    [TestCase("arn:aws::eu-central-1:111122223333:key/a")]
    [TestCase("urn:aws:kms:eu-central-1:111122223333:key/a")]
    [TestCase("alias/web")]
    public void What_is_no_ARN_is_none(string text) => Assert.That(AwsArn.TryParse(text), Is.Null);

    [Test]
    public void The_resource_of_an_ARN_may_hold_colons()
        => Assert.That(AwsArn.TryParse("arn:aws:acm:us-east-1:111122223333:certificate/a:b")?.Resource, Is.EqualTo("certificate/a:b"));
}

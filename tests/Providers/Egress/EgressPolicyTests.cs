using System.Net;
using CertOperator.Providers.Egress;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Egress;

internal sealed class EgressPolicyTests
{
    private static EgressPolicy Allowing(params string[] networks)
    {
        Assert.That(EgressAllowList.TryParse(networks, out var parsed, out var errors), Is.True, string.Join("; ", errors));
        return new EgressPolicy(parsed);
    }

    [TestCase("1.1.1.1")]
    [TestCase("172.15.255.255")]
    [TestCase("172.32.0.0")]
    [TestCase("100.63.255.255")]
    [TestCase("100.128.0.0")]
    [TestCase("11.0.0.0")]
    [TestCase("192.0.2.1")]
    [TestCase("2606:4700::1111")]
    [TestCase("::ffff:1.1.1.1")]
    [TestCase("64:ff9b::1.1.1.1")]
    public void Public_addresses_pass(string address) => Assert.That(Allowing().Check(IPAddress.Parse(address)), Is.Null);

    [TestCase("127.0.0.1", "loopback")]
    [TestCase("127.255.255.254", "loopback")]
    [TestCase("::1", "loopback")]
    [TestCase("10.0.0.0", "private")]
    [TestCase("10.255.255.255", "private")]
    [TestCase("172.16.0.1", "private")]
    [TestCase("172.31.255.255", "private")]
    [TestCase("192.168.1.1", "private")]
    [TestCase("100.64.0.1", "carrier")]
    [TestCase("100.127.255.255", "carrier")]
    [TestCase("fc00::1", "unique local")]
    [TestCase("fdff::1", "unique local")]
    [TestCase("fec0::1", "site-local")]
    [TestCase("198.18.0.1", "benchmarks")]
    [TestCase("240.0.0.1", "reserved")]
    [TestCase("2001:0:102:304::1", "Teredo")]
    [TestCase("169.254.169.254", "link-local")]
    [TestCase("169.254.0.1", "link-local")]
    [TestCase("fe80::1", "link-local")]
    [TestCase("fe80::1%1", "link-local")]
    [TestCase("febf::1", "link-local")]
    [TestCase("fd00:ec2::254", "metadata")]
    [TestCase("100.100.100.200", "metadata")]
    [TestCase("168.63.129.16", "metadata")]
    [TestCase("::ffff:10.0.0.1", "private")]
    [TestCase("::ffff:127.0.0.1", "loopback")]
    [TestCase("::ffff:169.254.169.254", "link-local")]
    [TestCase("::10.0.0.1", "IPv4-compatible")]
    [TestCase("::ffff:0:10.0.0.1", "private")]
    [TestCase("64:ff9b::10.0.0.1", "private")]
    [TestCase("64:ff9b::169.254.169.254", "link-local")]
    [TestCase("64:ff9b:1::127.0.0.1", "loopback")]
    [TestCase("2002:a00:1::1", "private")]
    [TestCase("2002:a9fe:a9fe::", "link-local")]
    public void Inner_addresses_are_refused_unless_allowed(string address, string part)
    {
        var refusal = Allowing().Check(IPAddress.Parse(address));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(refusal?.Reason, Does.Contain(part));
            Assert.That(refusal?.CanBeAllowed, Is.True);
        }
    }

    [TestCase("0.0.0.0")]
    [TestCase("0.1.2.3")]
    [TestCase("::")]
    [TestCase("255.255.255.255")]
    [TestCase("224.0.0.1")]
    [TestCase("239.255.255.255")]
    [TestCase("ff02::1")]
    [TestCase("::ffff:0.0.0.0")]
    public void Some_addresses_cannot_be_allowed(string address)
    {
        var refusal = Allowing("0.0.0.0/0", "::/0", "0.0.0.0/8", "224.0.0.0/4").Check(IPAddress.Parse(address));
        Assert.That(refusal?.CanBeAllowed, Is.False);
    }

    [TestCase("10.0.0.0/8", "10.1.2.3")]
    [TestCase("0.0.0.0/0", "10.1.2.3")]
    [TestCase("10.1.2.3", "10.1.2.3")]
    [TestCase("10.0.0.0/8", "::ffff:10.1.2.3")]
    [TestCase("127.0.0.0/8", "127.0.0.1")]
    [TestCase("::1", "::1")]
    [TestCase("fd00::/8", "fd12::1")]
    [TestCase("10.0.0.0/8", "64:ff9b::10.1.2.3")]
    [TestCase("169.254.169.254/32", "169.254.169.254")]
    [TestCase("169.254.0.0/16", "169.254.169.254")]
    [TestCase("fe80::/10", "fe80::1")]
    [TestCase("100.100.100.200/32", "100.100.100.200")]
    public void What_is_allowed_passes(string network, string address) =>
        Assert.That(Allowing(network).Check(IPAddress.Parse(address)), Is.Null);

    [TestCase("10.0.0.0/8", "192.168.0.1")]
    [TestCase("10.0.0.0/9", "10.200.0.1")]
    [TestCase("0.0.0.0/0", "169.254.169.254")]
    [TestCase("169.0.0.0/8", "169.254.169.254")]
    [TestCase("100.64.0.0/10", "100.100.100.200")]
    [TestCase("::/0", "fe80::1")]
    [TestCase("fc00::/7", "fd00:ec2::254")]
    [TestCase("fd00::/8", "fd00:ec2::254")]
    [TestCase("::/0", "10.0.0.1")]
    [TestCase("::/0", "::169.254.169.254")]
    [TestCase("::/0", "::ffff:10.0.0.1")]
    public void What_is_not_allowed_does_not_pass(string network, string address) =>
        Assert.That(Allowing(network).Check(IPAddress.Parse(address)), Is.Not.Null);

    [Test]
    public void Lists_are_read_with_spaces_and_empty_entries()
    {
        Assert.That(EgressAllowList.TryParse(["10.0.0.0/8, fd00::/8,", "", "192.168.1.7"], out var networks, out var errors), Is.True);
        Assert.That(networks.Select(n => n.ToString()), Is.EqualTo(new[] { "10.0.0.0/8", "fd00::/8", "192.168.1.7/32" }));
        Assert.That(errors, Is.Empty);
    }

    [TestCase("10.0.0.1/8", "write 10.0.0.0/8")]
    [TestCase("10.0.0.0/33", "between 0 and 32")]
    [TestCase("::/129", "between 0 and 128")]
    [TestCase("10.0.0.0/", "between 0 and 32")]
    [TestCase("10.0.0.0/-1", "between 0 and 32")]
    [TestCase("10.0.0.0/8/8", "between 0 and 32")]
    [TestCase("10/8", "is no network")]
    [TestCase("vault.example", "is no network")]
    [TestCase("fe80::1%eth0", "is no network")]
    [TestCase("[::1]", "is no network")]
    [TestCase("::ffff:10.0.0.0/104", "10.0.0.0")]
    public void A_bad_entry_is_reported_with_advice(string entry, string part)
    {
        Assert.That(EgressAllowList.TryParse([entry, "also bad", "10.0.0.0/8"], out var networks, out var errors), Is.False);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(networks, Has.Count.EqualTo(1));
            Assert.That(errors, Has.Count.EqualTo(2));
            Assert.That(errors[0], Does.StartWith($"{entry} ").And.Contain(part));
        }
    }
}

using CertOperator.Kubernetes;
using CertOperator.Operator.Inventory;
using CertOperator.Operator.Telemetry;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Telemetry;

public sealed class InventoryCollectorTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Test]
    public async Task Each_certificate_has_its_dates_and_each_that_is_none_its_reason()
    {
        var registry = new MetricRegistry();
        registry.Add(new InventoryCollector(() => new InventoryReport
        {
            Certificates =
            [
                new UnmanagedCertificate { Secret = Secret("old-tls", Renewers.Nobody), Hostname = "a\"\n.example.com", Issuer = "CN=X", NotBefore = Start, NotAfter = Start.AddDays(90) },
                new UnmanagedCertificate { Secret = Secret("junk", Renewers.Other), Unreadable = "NotPem" },
            ],
            Managed = 3,
            LeftOut = 4,
            LastSuccess = Start,
            Errors = 5,
        }));

        var samples = (await MetricTextTests.Text(registry)).Split('\n').Where(l => l.Length > 0 && l[0] != '#');

        Assert.That(samples, Is.EqualTo(new[]
        {
            """certoperator_unmanaged_certificate_not_before_timestamp_seconds{namespace="shop",secret="old-tls",hostname="a\"\n.example.com",renewed_by="nobody"} 1893456000""",
            """certoperator_unmanaged_certificate_not_after_timestamp_seconds{namespace="shop",secret="old-tls",hostname="a\"\n.example.com",renewed_by="nobody"} 1901232000""",
            """certoperator_unmanaged_certificate_unreadable{namespace="shop",secret="junk",reason="NotPem"} 1""",
            """certoperator_inventory_secrets{state="managed"} 3""",
            """certoperator_inventory_secrets{state="unmanaged"} 1""",
            """certoperator_inventory_secrets{state="unreadable"} 1""",
            """certoperator_inventory_secrets{state="left_out"} 4""",
            "certoperator_inventory_last_success_timestamp_seconds 1893456000",
            "certoperator_inventory_errors_total 5",
        }));
    }

    [Test]
    public async Task A_replica_that_does_not_lead_has_no_series_of_Secrets()
    {
        var registry = new MetricRegistry();
        registry.Add(new InventoryCollector(() => InventoryReport.Empty));

        var text = await MetricTextTests.Text(registry);

        Assert.That(text, Does.Not.Contain("secret=\"").And.Contain("certoperator_inventory_last_success_timestamp_seconds 0\n"));
    }

    private static UnmanagedSecret Secret(string name, string renewedBy) => new(new NamespacedName("shop", name), "1", renewedBy, null);
}

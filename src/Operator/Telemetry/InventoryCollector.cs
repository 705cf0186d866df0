using CertOperator.Operator.Inventory;

namespace CertOperator.Operator.Telemetry;

/// <summary>The series of Secrets that no policy manages. Nothing is stored between scrapes: they end with the Secret, and with the term of the leader.</summary>
public sealed class InventoryCollector(Func<InventoryReport> read) : IMetricCollector
{
    private static readonly string[] Certificate = ["namespace", "secret", "hostname", "renewed_by"];

    private static readonly IReadOnlyList<(MetricDescription Description, Action<MetricTextWriter, MetricDescription, UnmanagedCertificate> Write)> Rows =
    [
        (Gauge("unmanaged_certificate_not_before_timestamp_seconds", "Start of the validity of a certificate that no policy manages, in Unix time; told by the leader, with --inventory.", Certificate),
            (w, d, c) => Time(w, d, c, c.NotBefore)),
        (Gauge("unmanaged_certificate_not_after_timestamp_seconds", "End of the validity of a certificate that no policy manages, in Unix time; told by the leader, with --inventory.", Certificate),
            (w, d, c) => Time(w, d, c, c.NotAfter)),
        (Gauge("unmanaged_certificate_unreadable", "Always 1: a Secret of type kubernetes.io/tls that no policy manages and whose certificate cannot be read; told by the leader, with --inventory.", ["namespace", "secret", "reason"]),
            Unreadable),
    ];

    private static readonly IReadOnlyList<(MetricDescription Description, Action<MetricTextWriter, MetricDescription, InventoryReport> Write)> Totals =
    [
        (Gauge("inventory_secrets", "Secrets of type kubernetes.io/tls as the leader saw them last: managed by a policy, unmanaged, unreadable, left_out because there are too many; with --inventory.", ["state"]), States),
        (Gauge("inventory_last_success_timestamp_seconds", "When all of these Secrets were last seen, in Unix time; 0 before the first time; with --inventory.", []),
            (w, d, r) => w.Sample(d.Name, [], Seconds(r.LastSuccess ?? DateTimeOffset.UnixEpoch))),
        (new MetricDescription(CertOperatorMetrics.Prefix + "inventory_errors_total", "counter", "Looks at these Secrets that the API server did not answer; with --inventory.", []),
            (w, d, r) => w.Sample(d.Name, [], r.Errors)),
    ];

    public IReadOnlyList<MetricDescription> Descriptions { get; } = [.. Rows.Select(r => r.Description), .. Totals.Select(t => t.Description)];

    public IEnumerable<IMetricFamily> Collect()
    {
        var report = read();
        return [.. Rows.Select(r => new RowFamily(r.Description, report, r.Write)), .. Totals.Select(t => new TotalFamily(t.Description, report, t.Write))];
    }

    private static MetricDescription Gauge(string name, string help, string[] labels) => new(CertOperatorMetrics.Prefix + name, "gauge", help, labels);

    private static void Time(MetricTextWriter writer, MetricDescription description, UnmanagedCertificate certificate, DateTimeOffset? time)
    {
        if (time is { } known)
        {
            var secret = certificate.Secret;
            writer.Sample(description.Name, Certificate, [secret.Name.Namespace, secret.Name.Name, certificate.Hostname ?? "", secret.RenewedBy], Seconds(known));
        }
    }

    private static void Unreadable(MetricTextWriter writer, MetricDescription description, UnmanagedCertificate certificate)
    {
        if (certificate.Unreadable is { } reason)
        {
            writer.Sample(description.Name, [.. description.Labels], [certificate.Secret.Name.Namespace, certificate.Secret.Name.Name, reason], 1);
        }
    }

    private static void States(MetricTextWriter writer, MetricDescription description, InventoryReport report)
    {
        var unreadable = report.Certificates.Count(c => c.Unreadable is not null);
        foreach (var (state, count) in new[] { ("managed", report.Managed), ("unmanaged", report.Certificates.Count - unreadable), ("unreadable", unreadable), ("left_out", report.LeftOut) })
        {
            writer.Sample(description.Name, ["state"], [state], count);
        }
    }

    private static double Seconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1000.0;

    private sealed class RowFamily(MetricDescription description, InventoryReport report, Action<MetricTextWriter, MetricDescription, UnmanagedCertificate> write) : IMetricFamily
    {
        public MetricDescription Description => description;

        public IEnumerable<MetricTextWriter> Write(MetricTextWriter writer)
        {
            writer.Family(description.Name, description.Type, description.Help);
            foreach (var certificate in report.Certificates)
            {
                write(writer, description, certificate);
                yield return writer;
            }
        }
    }

    private sealed class TotalFamily(MetricDescription description, InventoryReport report, Action<MetricTextWriter, MetricDescription, InventoryReport> write) : IMetricFamily
    {
        public MetricDescription Description => description;

        public IEnumerable<MetricTextWriter> Write(MetricTextWriter writer)
        {
            writer.Family(description.Name, description.Type, description.Help);
            write(writer, description, report);
            yield return writer;
        }
    }
}

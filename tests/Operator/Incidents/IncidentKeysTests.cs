using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;
using CertOperator.Operator.Incidents;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Incidents;

public sealed class IncidentKeysTests
{
    [Test]
    public void A_key_names_cluster_namespace_policy_and_cause()
    {
        Assert.That(IncidentKeys.Dedup("prod", new NamespacedName("shop", "www"), IncidentCause.NeedsManual), Is.EqualTo("certoperator/prod/shop/www/NeedsManual"));
        Assert.That(IncidentKeys.Dedup(null, new NamespacedName("shop", "www"), IncidentCause.RenewalFailed), Is.EqualTo("certoperator/default/shop/www/RenewalFailed"));
    }

    [Test]
    public void A_key_that_is_too_long_ends_in_a_hash_that_tells_it_from_others()
    {
        var name = new string('a', 252);
        var keys = new[] { "b", "c" }.Select(end => IncidentKeys.Dedup("prod", new NamespacedName("shop", name + end), IncidentCause.RenewalFailed)).ToList();

        Assert.That(keys, Is.All.Length.EqualTo(IncidentKeys.MaxLength).And.All.StartsWith("certoperator/prod/shop/aaa"));
        Assert.That(keys, Is.Unique);
        Assert.That(IncidentKeys.Dedup("prod", new NamespacedName("shop", name + "b"), IncidentCause.RenewalFailed), Is.EqualTo(keys[0]));
    }

    [Test]
    public void A_message_has_the_same_id_each_time_it_is_sent_and_another_for_everybody_else()
    {
        var incident = new IncidentStatus { DedupKey = "key", Since = DateTimeOffset.UnixEpoch };
        string[] ids =
        [
            IncidentKeys.Delivery(incident, "slack", IncidentChange.Opened, 1),
            IncidentKeys.Delivery(incident, "webhook/ops", IncidentChange.Opened, 1),
            IncidentKeys.Delivery(incident, "slack", IncidentChange.Resolved, 2),
            IncidentKeys.Delivery(incident with { Since = DateTimeOffset.UnixEpoch.AddDays(1) }, "slack", IncidentChange.Opened, 1),
        ];

        Assert.That(ids, Is.Unique.And.All.Length.EqualTo(32));
        Assert.That(IncidentKeys.Delivery(incident, "slack", IncidentChange.Opened, 1), Is.EqualTo(ids[0]));
    }
}

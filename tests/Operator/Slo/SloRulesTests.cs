using CertOperator.Operator.Slo;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Slo;

/// <summary>The rules at work, in Prometheus' own test program.</summary>
[Category("Component")]
public sealed class SloRulesTests
{
    private const int Hour = 60;
    private const int Day = 24 * Hour;

    private const string Another = "certoperator_scheduler_last_success_timestamp_seconds{job=\"certoperator\",namespace=\"other-system\",instance=\"z\"}";

    /// <summary>Its value is since when it has, in seconds: an alert that ended in between begins again.</summary>
    private const string Firing = "ALERTS_FOR_STATE{alertname=\"CertificateExpiringSoon\",namespace=\"shop\",policy=\"dead\",hostname=\"dead.example.com\",service=\"certoperator\",severity=\"page\"}";

    [OneTimeSetUp]
    public Task InstallAsync() => ToolProcess.RunAsync(Repository.PathOf("hack", "install-tools.sh"), ["promtool"]);

    [Test]
    public Task An_idle_fleet_of_40_certificates_is_silent_for_days()
        => new RuleCase(TimeSpan.FromDays(4), stepMinutes: 5).Policies(40)
            .Expect(Hour).Expect(Day).Expect(2 * Day).Expect(3 * Day).Expect(4 * Day)
            .RunAsync();

    [Test]
    public Task One_overdue_of_50_is_a_ticket_and_no_page()
        // 30 days between renewal and end; below 70 % of them after 3.6 hours.
        => new RuleCase(TimeSpan.FromDays(1), stepMinutes: 5).Policies(49).Policy("late", begins: -68.85, due: -8.85, ends: 21.15)
            .Expect(3 * Hour)
            .Expect(12 * Hour, "ticket CertificateRenewalOverdue", "ticket CertificateFreshnessSLOSlowBurn")
            .Expect(Day, "ticket CertificateRenewalOverdue", "ticket CertificateFreshnessSLOSlowBurn")
            .RunAsync();

    [Test]
    public Task A_policy_that_never_gets_its_first_certificate_is_a_ticket_although_nothing_has_failed()
        => new RuleCase(TimeSpan.FromHours(4)).Policies(20).New("waits").New("by-hand", automatic: false).New("fails").Fails("fails", 3, from: 2)
            .Expect(59, "ticket RenewalFailures", "ticket RenewalSuccessSLOSlowBurn")
            .ExpectSamples(62, "ALERTS{alertname=\"CertificateRenewalOverdue\",alertstate=\"firing\"}",
                ("{__name__=\"ALERTS\",alertname=\"CertificateRenewalOverdue\",alertstate=\"firing\",namespace=\"shop\",policy=\"waits\",service=\"certoperator\",severity=\"ticket\"}", 1))
            .ExpectAlert(62, "CertificateRenewalOverdue", "{ namespace: shop, policy: waits, service: certoperator, severity: ticket }",
                "{ summary: 'shop/waits has never had a certificate', description: 'No run has failed either: it waits, or nothing was tried. See why.', runbook_url: 'https://certoperator.io/runbooks/CertificateRenewalOverdue' }")
            .RunAsync();

    [Test]
    public Task Five_overdue_of_20_are_a_page()
    {
        var fleet = new RuleCase(TimeSpan.FromHours(8), stepMinutes: 5).Policies(15);
        for (var i = 1; i <= 5; i++)
        {
            fleet.Policy($"late-{i}", begins: -68.85, due: -8.85, ends: 21.15);
        }

        return fleet
            .Expect(3 * Hour)
            .Expect(5 * Hour, "page CertificateFreshnessSLOFastBurn", "ticket CertificateFreshnessSLOSlowBurn", "ticket CertificateRenewalOverdue * 5")
            .RunAsync();
    }

    [Test]
    public Task Two_of_20_wrong_served_are_a_page_within_50_minutes()
        => new RuleCase(TimeSpan.FromHours(3)).Policies(20).ServesAnother("web-1", from: 120).ServesAnother("web-2", from: 120)
            .Expect(119)
            .Expect(137, "ticket ServedCertificateMismatch * 2")
            .Expect(170, "page ServedCertificateSLOFastBurn", "ticket ServedCertificateSLOSlowBurn", "ticket ServedCertificateMismatch * 2")
            .RunAsync();

    [Test]
    public Task A_page_about_what_is_served_ends_soon_after_the_mend()
        => new RuleCase(TimeSpan.FromHours(3)).Policies(20).ServesAnother("web-1", 60, until: 160).ServesAnother("web-2", 60, until: 160)
            .Expect(159, "page ServedCertificateSLOFastBurn", "ticket ServedCertificateSLOSlowBurn", "ticket ServedCertificateMismatch * 2")
            .Expect(166, "ticket ServedCertificateSLOSlowBurn")
            .RunAsync();

    [Test]
    public Task Hosts_that_do_not_answer_serve_no_other_certificate()
    {
        var fleet = new RuleCase(TimeSpan.FromHours(3)).Policies(20);
        foreach (var name in new[] { "web-1", "web-2", "web-3" })
        {
            fleet.Silent(name, 60, until: 95);
        }

        return fleet.Expect(89).Expect(94, "ticket EndpointUnreachable * 3").Expect(96).Expect(3 * Hour)
            .ExpectSamples(80, "certoperator:sli_error:ratio{slo=\"served\"}", ("certoperator:sli_error:ratio{slo=\"served\"}", 0))
            .RunAsync();
    }

    [Test]
    public Task A_wrong_certificate_of_a_host_that_falls_silent_is_not_known_any_more()
        => new RuleCase(TimeSpan.FromHours(3)).Policies(20).ServesAnother("web-1", 30).Silent("web-1", 90)
            .Expect(89, "ticket ServedCertificateMismatch", "ticket ServedCertificateSLOSlowBurn")
            .Expect(91, "ticket ServedCertificateSLOSlowBurn")
            .Expect(121, "ticket ServedCertificateSLOSlowBurn", "ticket EndpointUnreachable")
            .RunAsync();

    [Test]
    public Task What_one_replica_sees_is_not_hidden_by_another_that_is_behind()
        => new RuleCase(TimeSpan.FromHours(2)).Policies(20).Policies(20, instance: "b").ServesAnother("web-1", 30).Silent("web-2", 30, instance: "b")
            .Expect(80, "ticket ServedCertificateMismatch", "ticket ServedCertificateSLOSlowBurn", "ticket EndpointUnreachable")
            .RunAsync();

    [Test]
    public Task Nothing_is_mended_by_an_operator_that_is_not_scraped()
    {
        string[] alerts = ["page CertificateExpiringSoon", "ticket CertificateRenewalOverdue", "ticket CertificateFreshnessSLOSlowBurn", "ticket EndpointUnreachable", "ticket RenewalFailures",
            "ticket RenewalSuccessSLOSlowBurn", "ticket ServedCertificateMismatch", "ticket ServedCertificateSLOSlowBurn"];
        return new RuleCase(TimeSpan.FromHours(4)).Policies(17).Policy("dead", -91, -31, -1).ServesAnother("web-1", 10).Silent("web-2", 10).Fails("web-3", 1, 10)
            .Unscraped(150, until: 170)
            .Expect(149, alerts).Expect(151, alerts).Expect(154, alerts).Expect(160, [.. alerts, "page RenewalEngineStalled"]).Expect(169, [.. alerts, "page RenewalEngineStalled"]).Expect(171, alerts)
            .ExpectSamples(200, "ALERTS_FOR_STATE{alertname=\"CertificateExpiringSoon\"}", (Firing, 0))
            .RunAsync();
    }

    [Test]
    public Task An_operator_that_is_gone_for_good_leaves_no_alert_about_certificates_for_longer_than_half_an_hour()
        => new RuleCase(TimeSpan.FromHours(3)).Policy("dead", -91, -31, -1).Unscraped(90, until: 180)
            .Expect(125, "page RenewalEngineStalled", "ticket CertificateFreshnessSLOSlowBurn")
            .RunAsync();

    [Test]
    public Task A_policy_that_is_deleted_is_spoken_of_no_more()
        => new RuleCase(TimeSpan.FromHours(3)).Policies(19).Policy("dead", -91, -31, -1).Gone("dead", 150)
            .Expect(149, "page CertificateExpiringSoon", "ticket CertificateRenewalOverdue", "ticket CertificateFreshnessSLOSlowBurn")
            .Expect(151, "ticket CertificateFreshnessSLOSlowBurn")
            .ExpectSamples(151, "count(certoperator:window_left:ratio)", ("{}", 19))
            .RunAsync();

    [Test]
    public Task A_page_outlasts_the_change_to_another_provider_and_counts_once()
        => new RuleCase(TimeSpan.FromHours(3)).Policies(19).Policy("dead", -91, -31, -1).Policy("dead", -91, -31, -1, instance: "b").Moves("dead", "acme", 100).Unscraped(110, until: 120)
            .ExpectSamples(101, "count(certoperator:window_left:ratio)", ("{}", 20))
            .ExpectSamples(115, "count(certoperator:window_left:ratio)", ("{}", 20))
            .ExpectSamples(150, "ALERTS_FOR_STATE{alertname=\"CertificateExpiringSoon\"}", (Firing, 0))
            .RunAsync();

    [Test]
    public Task A_new_process_speaks_of_the_same_alert()
        => new RuleCase(TimeSpan.FromHours(3)).Policy("dead", -91, -31, -1).Gone("dead", 90).Policy("dead", -91, -31, -1, instance: "b").Gone("dead", 0, until: 91, instance: "b")
            .ExpectSamples(150, "ALERTS_FOR_STATE{alertname=\"CertificateExpiringSoon\"}", (Firing, 0))
            .RunAsync();

    [Test]
    public Task Two_endpoints_of_one_policy_are_one_cause()
        => new RuleCase(TimeSpan.FromHours(3)).Policies(3).ServesAnother("web-1", 60)
            .Series("certoperator_endpoint_served_match{namespace=\"shop\",policy=\"web-1\",instance=\"a\",endpoint=\"web-1.example.com:8443\"}", "1x59 0x120")
            .ExpectSamples(2 * Hour, "certoperator:sli_bad:count{slo=\"served\"}", ("certoperator:sli_bad:count{slo=\"served\"}", 1))
            .Expect(2 * Hour, "ticket ServedCertificateMismatch * 2", "ticket ServedCertificateSLOSlowBurn")
            .RunAsync();

    [Test]
    public Task Servers_that_are_behind_for_minutes_after_a_renewal_of_everything_are_nothing()
    {
        var fleet = new RuleCase(TimeSpan.FromHours(4)).Policies(20);
        for (var i = 1; i <= 20; i++)
        {
            fleet.ServesAnother($"web-{i}", 120, until: 128);
        }

        return fleet.ExpectSamples(4 * Hour, "max_over_time((count(ALERTS{alertstate=\"firing\",severity=\"page\"}) or vector(0))[3h:1m])", ("{}", 0)).RunAsync();
    }

    [Test]
    public Task Servers_that_stay_behind_after_a_renewal_of_everything_are_a_page_within_20_minutes()
    {
        var fleet = new RuleCase(TimeSpan.FromHours(4)).Policies(20);
        for (var i = 1; i <= 20; i++)
        {
            fleet.ServesAnother($"web-{i}", 120);
        }

        return fleet.Expect(134).Expect(140, "page ServedCertificateSLOFastBurn", "ticket ServedCertificateSLOSlowBurn", "ticket ServedCertificateMismatch * 20").RunAsync();
    }

    [Test]
    public Task One_of_20_wrong_served_is_no_page_however_long()
        => new RuleCase(TimeSpan.FromDays(2), stepMinutes: 5).Policies(3).ServesAnother("web-1", from: Hour)
            .Expect(Day, "ticket ServedCertificateSLOSlowBurn", "ticket ServedCertificateMismatch")
            .Expect(2 * Day, "ticket ServedCertificateSLOSlowBurn", "ticket ServedCertificateMismatch")
            .RunAsync();

    [Test]
    public Task A_single_failed_renewal_is_a_ticket_and_no_page()
        => new RuleCase(TimeSpan.FromDays(1), stepMinutes: 5).Policies(20).Fails("web-1", 1, from: 360)
            .Expect(380)
            .Expect(395, "ticket RenewalFailures")
            .Expect(Day, "ticket RenewalFailures", "ticket RenewalSuccessSLOSlowBurn")
            .RunAsync();

    [Test]
    public Task A_failed_renewal_that_succeeds_minutes_later_is_nothing()
        => new RuleCase(TimeSpan.FromHours(3)).Policies(20).Fails("web-1", 2, from: 60, until: 68)
            .Expect(69).Expect(100).Expect(3 * Hour)
            .RunAsync();

    [Test]
    public Task Three_policies_of_one_CA_are_a_page()
        => new RuleCase(TimeSpan.FromHours(3)).Policies(17).Policies(20, prefix: "acme-", provider: "acme")
            .Policy("vault-1", provider: "vault_pki").Policy("vault-2", provider: "vault_pki").Policy("vault-3", provider: "vault_pki")
            .Fails("vault-1", 2, 120, provider: "vault_pki").Fails("vault-2", 3, 120, provider: "vault_pki").Fails("vault-3", 2, 120, provider: "vault_pki")
            .Expect(134)
            .Expect(137, "page IssuerOutage")
            .ExpectSamples(137, "sum by (provider) (ALERTS{alertname=\"IssuerOutage\"})", ("{provider=\"vault_pki\"}", 1))
            .RunAsync();

    [Test]
    public Task Old_failures_of_policies_that_nobody_renews_are_no_outage()
    {
        var fleet = new RuleCase(TimeSpan.FromHours(3)).Policies(17);
        foreach (var name in new[] { "old-1", "old-2", "old-3" })
        {
            fleet.Policy(name, automatic: false).Fails(name, 2, 30);
        }

        return fleet.Expect(3 * Hour).RunAsync();
    }

    [Test]
    public Task Failures_of_several_CAs_and_a_few_of_many_are_no_outage()
    {
        var fleet = new RuleCase(TimeSpan.FromHours(3)).Policies(40).Policies(2, prefix: "acme-", provider: "acme")
            .Fails("acme-1", 5, Hour, provider: "acme").Fails("acme-2", 5, Hour, provider: "acme");
        foreach (var name in new[] { "web-1", "web-2", "web-3" })
        {
            fleet.Fails(name, 2, Hour);
        }

        return fleet.ExpectSamples(3 * Hour, "sum(ALERTS{alertname=\"IssuerOutage\"})").RunAsync();
    }

    [Test]
    public Task A_stall_is_a_page()
        => new RuleCase(TimeSpan.FromHours(3)).Policies(5).Series(RuleCase.Scheduler, "0+60x60 3600x120")
            .Expect(75)
            .Expect(82, "page RenewalEngineStalled")
            .RunAsync();

    [Test]
    public Task A_stall_is_seen_behind_a_replica_that_waits()
        => new RuleCase(TimeSpan.FromHours(3)).Policies(5).Series(RuleCase.Scheduler, "0+60x60 3600x120").Series(RuleCase.Scheduler.Replace("\"a\"", "\"b\"", StringComparison.Ordinal), "0x180")
            .Expect(60)
            .Expect(82, "page RenewalEngineStalled")
            .RunAsync();

    [Test]
    public Task An_absent_metric_is_a_page()
        => new RuleCase(TimeSpan.FromHours(3)).Series(RuleCase.Scheduler, "0+60x60 _x120")
            .Expect(60)
            .Expect(72, "page RenewalEngineStalled")
            .RunAsync();

    [Test]
    public Task A_change_of_the_leader_is_no_stall()
        => new RuleCase(TimeSpan.FromHours(3)).Policies(5)
            .Series(RuleCase.Scheduler, "0+60x60 3600x120").Series(RuleCase.Scheduler.Replace("\"a\"", "\"b\"", StringComparison.Ordinal), "0x60 3660+60x119")
            .Expect(82).Expect(3 * Hour)
            .RunAsync();

    [Test]
    public Task Two_replicas_do_not_count_double()
        => new RuleCase(TimeSpan.FromHours(8), stepMinutes: 5).Policies(20).Policies(20, instance: "b")
            .ServesAnother("web-1", 60).ServesAnother("web-1", 60, instance: "b")
            .ExpectSamples(Hour, "sum by (slo) (certoperator:sli_bad:count)", ("{slo=\"freshness\"}", 0), ("{slo=\"served\"}", 1), ("{slo=\"renewal\"}", 0))
            .Expect(8 * Hour, "ticket ServedCertificateMismatch", "ticket ServedCertificateSLOSlowBurn")
            .RunAsync();

    [Test]
    public Task A_new_process_has_15_minutes_since_what_the_one_before_it_did()
        => new RuleCase(TimeSpan.FromHours(3)).Series(RuleCase.Scheduler, "0+60x60 0x6 4080+60x110").Expect(68).Expect(3 * Hour).RunAsync();

    [Test]
    public Task One_operator_of_two_that_is_gone_is_a_page_for_a_day()
        => new RuleCase(TimeSpan.FromDays(2), stepMinutes: 5).Series(Another, "0+300x24 _x600")
            .Expect(2 * Hour)
            .Expect(3 * Hour, "page RenewalEngineStalled")
            .ExpectSamples(3 * Hour, "count by (namespace) (ALERTS{alertname=\"RenewalEngineStalled\"})", ("{namespace=\"other-system\"}", 1))
            .Expect(Day, "page RenewalEngineStalled")
            .Expect(27 * Hour).Expect(2 * Day)
            .RunAsync();

    [Test]
    public Task Operators_that_are_all_gone_are_one_page()
        => new RuleCase(TimeSpan.FromDays(3), stepMinutes: 5).Series(RuleCase.Scheduler, "0+300x24 _x900").Series(Another, "0+300x24 _x900")
            .Expect(3 * Hour, "page RenewalEngineStalled").Expect(Day, "page RenewalEngineStalled").Expect(3 * Day, "page RenewalEngineStalled")
            .RunAsync();

    [Test]
    public Task An_operator_whose_job_has_another_name_now_is_not_missed()
        => new RuleCase(TimeSpan.FromHours(3)).Series(RuleCase.Scheduler.Replace("job=\"certoperator\"", "job=\"before\"", StringComparison.Ordinal), "0+60x60 stale _x120")
            .Expect(65).Expect(2 * Hour)
            .RunAsync();

    [Test]
    public Task An_expired_certificate_keeps_firing()
        => new RuleCase(TimeSpan.FromDays(2), stepMinutes: 5).Policies(19).Policy("dead", begins: -89.5, due: -29.5, ends: 0.5)
            .Expect(2 * Hour, "page CertificateExpiringSoon", "ticket CertificateRenewalOverdue", "ticket CertificateFreshnessSLOSlowBurn")
            .Expect(2 * Day, "page CertificateExpiringSoon", "ticket CertificateRenewalOverdue", "ticket CertificateFreshnessSLOSlowBurn")
            .ExpectSamples(2 * Day, "certoperator:window_left:ratio{policy=\"dead\"}", ("certoperator:window_left:ratio{namespace=\"shop\",policy=\"dead\",hostname=\"dead.example.com\"}", -0.05))
            .RunAsync();

    // Of six days the last two are for renewing, of ninety the last thirty.
    [TestCase(-3, 1, 3, new string[0], TestName = "A_certificate_of_6_days_with_3_left_is_silent")]
    [TestCase(-4.4, -0.4, 1.6, new string[0], TestName = "A_certificate_of_6_days_with_1.6_left_is_silent")]
    [TestCase(-5, -1, 1, new[] { "ticket CertificateRenewalOverdue" }, TestName = "A_certificate_of_6_days_with_1_left_is_a_ticket")]
    [TestCase(-5.6, -1.6, 0.4, new[] { "page CertificateExpiringSoon", "ticket CertificateRenewalOverdue" }, TestName = "A_certificate_of_6_days_with_10_hours_left_is_a_page")]
    [TestCase(-45, 15, 45, new string[0], TestName = "A_certificate_of_90_days_with_45_left_is_silent")]
    [TestCase(-65, -5, 25, new string[0], TestName = "A_certificate_of_90_days_with_25_left_is_silent")]
    [TestCase(-80, -20, 10, new[] { "ticket CertificateRenewalOverdue" }, TestName = "A_certificate_of_90_days_with_10_left_is_a_ticket")]
    [TestCase(-83, -23, 7, new[] { "page CertificateExpiringSoon", "ticket CertificateRenewalOverdue" }, TestName = "A_certificate_of_90_days_with_7_left_is_a_page")]
    public Task Lifetimes(double begins, double due, double ends, string[] alerts)
        => new RuleCase(TimeSpan.FromHours(2)).Policy("one", begins, due, ends)
            .ExpectSamples(90, "count by (alertname, severity) (ALERTS{alertstate=\"firing\",slo=\"\",alertname!~\".*SLO.*\"})", [.. alerts.Select(a => a.Split(' ')).Select(w => ($"{{alertname=\"{w[1]}\",severity=\"{w[0]}\"}}", 1.0))])
            .RunAsync();

    [TestCase(-61, 31, new string[0], TestName = "A_manual_certificate_at_31_days_is_silent")]
    [TestCase(-61, 29, new[] { "ticket CertificateExpiringWarning" }, TestName = "A_manual_certificate_at_29_days_is_a_ticket")]
    [TestCase(-84, 6, new[] { "ticket CertificateExpiringWarning", "page CertificateExpiringSoon" }, TestName = "A_manual_certificate_at_6_days_is_a_page")]
    [TestCase(-91, -1, new[] { "ticket CertificateExpiringWarning", "page CertificateExpiringSoon" }, TestName = "A_manual_certificate_that_has_expired_is_a_page")]
    [TestCase(-3, 3, new string[0], TestName = "A_manual_certificate_of_6_days_is_silent_at_3")]
    public Task Manual(double begins, double ends, string[] alerts)
        => new RuleCase(TimeSpan.FromHours(1)).Policy("hand", begins, begins + 1, ends, automatic: false, provider: "manual").Expect(50, alerts).RunAsync();

    [Test]
    public Task A_policy_without_a_schedule_is_judged_by_days()
        => new RuleCase(TimeSpan.FromHours(1)).Policy("stuck", -84, 0, 6, scheduled: false)
            .Expect(50, "ticket CertificateExpiringWarning", "page CertificateExpiringSoon")
            .RunAsync();

    [Test]
    public Task A_page_outlasts_a_renewal_that_is_given_up()
        => new RuleCase(TimeSpan.FromHours(3)).Policy("dead", -85, -25, 5).Suspended("dead", 90)
            .Expect(89, "page CertificateExpiringSoon", "ticket CertificateRenewalOverdue", "ticket CertificateFreshnessSLOSlowBurn")
            .Expect(91, "page CertificateExpiringSoon", "ticket CertificateFreshnessSLOSlowBurn")
            .ExpectSamples(150, "ALERTS_FOR_STATE{alertname=\"CertificateExpiringSoon\"}", (Firing, 0))
            .RunAsync();

    [TestCase("slack", "ticket IncidentDeliveryFailing", TestName = "A_receiver_that_cannot_be_told_is_a_ticket")]
    [TestCase("pagerduty", "page IncidentDeliveryFailing", TestName = "PagerDuty_that_cannot_be_told_is_a_page")]
    public Task Undelivered(string sink, string alert)
        => new RuleCase(TimeSpan.FromHours(2)).Policies(3).Series($"certoperator_incidents_undelivered{{sink=\"{sink}\",instance=\"a\"}}", "0x60 1x60").Series($"certoperator_incidents_undelivered{{sink=\"{sink}\",instance=\"b\"}}", "0x60 1x60")
            .Unscraped(90, until: 100)
            .Expect(70)
            .Expect(80, alert)
            .ExpectSamples(110, "ALERTS{alertname=\"IncidentDeliveryFailing\"}", ($"{{__name__=\"ALERTS\",alertname=\"IncidentDeliveryFailing\",alertstate=\"firing\",service=\"certoperator\",severity=\"{alert.Split(' ')[0]}\",sink=\"{sink}\"}}", 1))
            .RunAsync();

    [Test]
    public Task A_policy_that_cannot_be_carried_out_is_a_ticket_weeks_before_anybody_feels_it()
        => new RuleCase(TimeSpan.FromHours(4)).Policies(3).Policy("held", automatic: false)
            .Stalled("web-1", "MissingSecret", 60, 180).Stalled("web-2", "NeedsManual", 60, 180).Stalled("held", "InvalidSpec", 60, 180)
            .Expect(85)
            .Expect(95, "ticket PolicyStalled")
            .Expect(179, "ticket PolicyStalled")
            .Expect(190)
            .RunAsync();

    [Test]
    public Task Looks_at_Secrets_that_go_on_failing_are_a_ticket()
        => new RuleCase(TimeSpan.FromHours(4)).Policies(3).Inventory("a", "0+60x60 3600x120 10800+60x60", "0x60 0+1x120 120x60").Inventory("b", "0x240", "0x240")
            .Expect(90)
            .Expect(110, "ticket CertificateInventoryBlind")
            .Expect(3 * Hour, "ticket CertificateInventoryBlind")
            .Expect(185)
            .RunAsync();

    [Test]
    public Task Looks_at_Secrets_that_never_succeeded_are_a_ticket()
        => new RuleCase(TimeSpan.FromHours(2)).Policies(3).Inventory("a", "0x120", "0+1x120").Expect(50, "ticket CertificateInventoryBlind").RunAsync();

    [TestCase("0x600 36000x120", "0x600 1x120", TestName = "An_error_before_a_look_that_succeeds_is_nothing_where_it_looks_twice_a_day")]
    [TestCase("0+60x300 18000x9 18600+60x411", "0x300 0+1x9 9x411", TestName = "Ten_minutes_without_the_API_server_are_nothing")]
    public Task Looks_at_Secrets_that_fail_now_and_then_are_nothing(string success, string errors)
        => new RuleCase(TimeSpan.FromHours(12)).Policies(3).Inventory("a", success, errors).Expect(5 * Hour + 20).Expect(10 * Hour + 20).Expect(12 * Hour).RunAsync();

    [Test]
    public Task A_namespace_with_rules_of_its_own_is_spoken_of_once()
        => new RuleCase(TimeSpan.FromHours(8), stepMinutes: 5)
        {
            Rules = [SloRules.Build(SloObjectives.Default, RuleScope.Of("shop")), SloRules.Build(SloObjectives.Default, RuleScope.Fleet)],
        }
            .Policies(10).Policies(10, ns: "other")
            .ServesAnother("web-1", 60).ServesAnother("web-2", 60).ServesAnother("web-1", 60, ns: "other")
            .ExpectSamples(8 * Hour, "count by (alertname, namespace) (ALERTS{alertstate=\"firing\"})",
                ("{alertname=\"ServedCertificateMismatch\",namespace=\"shop\"}", 2),
                ("{alertname=\"ServedCertificateMismatch\",namespace=\"other\"}", 1),
                ("{alertname=\"ServedCertificateSLOFastBurn\",namespace=\"shop\"}", 1),
                ("{alertname=\"ServedCertificateSLOSlowBurn\",namespace=\"shop\"}", 1),
                ("{alertname=\"ServedCertificateSLOSlowBurn\"}", 1))
            .RunAsync();

    // 90 days, if nothing else is said.
    [TestCase(-59, 31, "nobody", new string[0], TestName = "A_certificate_without_a_policy_at_31_days_is_silent")]
    [TestCase(-61, 29, "nobody", new[] { "ticket CertificateExpiringWarning" }, TestName = "A_certificate_without_a_policy_at_29_days_is_a_ticket")]
    [TestCase(-84, 6, "nobody", new[] { "ticket CertificateExpiringWarning", "page CertificateExpiringSoon" }, TestName = "A_certificate_without_a_policy_at_6_days_is_a_page")]
    [TestCase(-92, -2, "nobody", new[] { "ticket CertificateExpiringWarning", "page CertificateExpiringSoon" }, TestName = "A_certificate_without_a_policy_that_has_expired_is_a_page")]
    [TestCase(-121, -31, "nobody", new[] { "ticket CertificateExpiringWarning" }, TestName = "A_certificate_without_a_policy_that_nobody_has_missed_for_a_month_wakes_nobody")]
    [TestCase(-4.2, 1.8, "nobody", new[] { "ticket CertificateExpiringWarning" }, TestName = "A_certificate_of_6_days_without_a_policy_in_its_last_third_is_a_ticket")]
    [TestCase(-3, 3, "nobody", new string[0], TestName = "A_certificate_of_6_days_without_a_policy_is_silent_at_3")]
    [TestCase(-61, 29, "cert-manager", new string[0], TestName = "A_certificate_of_cert_manager_at_29_days_is_silent")]
    [TestCase(-84, 6, "cert-manager", new[] { "page CertificateExpiringSoon" }, TestName = "A_certificate_of_cert_manager_at_6_days_is_a_page")]
    [TestCase(-4.5, 1.5, "cert-manager", new string[0], TestName = "A_certificate_of_6_days_of_cert_manager_is_silent_at_1.5")]
    [TestCase(-121, -31, "other", new[] { "ticket CertificateExpiringWarning" }, TestName = "A_certificate_of_somebody_else_that_has_expired_is_at_least_a_ticket")]
    public Task Without_a_policy(double begins, double ends, string renewedBy, string[] alerts)
        => new RuleCase(TimeSpan.FromHours(1)).Policies(2).Unmanaged("old", begins, ends, renewedBy).Expect(50, alerts).RunAsync();

    [Test]
    public Task A_certificate_without_a_policy_is_told_of_once_whoever_leads_and_without_a_gap()
        => new RuleCase(TimeSpan.FromHours(2)).Unmanaged("old", -84, 6, until: 60).Unmanaged("old", -84, 6, instance: "b")
            .Series("certoperator_unmanaged_certificate_not_after_timestamp_seconds{namespace=\"legacy\",secret=\"old\",hostname=\"old.example.com\",renewed_by=\"nobody\",instance=\"b\"}", "_x70 518400x50")
            .Series("certoperator_unmanaged_certificate_not_before_timestamp_seconds{namespace=\"legacy\",secret=\"old\",hostname=\"old.example.com\",renewed_by=\"nobody\",instance=\"b\"}", "_x70 -7257600x50")
            .Expect(50, "ticket CertificateExpiringWarning", "page CertificateExpiringSoon")
            .Expect(65, "ticket CertificateExpiringWarning", "page CertificateExpiringSoon")
            .Expect(68, "ticket CertificateExpiringWarning", "page CertificateExpiringSoon")
            .Expect(100, "ticket CertificateExpiringWarning", "page CertificateExpiringSoon")
            .RunAsync();

    [Test]
    public Task A_certificate_without_a_policy_that_is_gone_or_renewed_is_told_of_no_more()
        => new RuleCase(TimeSpan.FromHours(2)).Unmanaged("gone", -84, 6, until: 60).Unmanaged("renewed", -84, 6)
            .Series("certoperator_unmanaged_certificate_not_after_timestamp_seconds{namespace=\"legacy\",secret=\"renewed\",hostname=\"renewed.example.com\",renewed_by=\"nobody\",instance=\"a\"}", "518400x60 7776000x60")
            .Expect(50, "ticket CertificateExpiringWarning * 2", "page CertificateExpiringSoon * 2")
            .Expect(62, "ticket CertificateExpiringWarning", "page CertificateExpiringSoon")
            .Expect(80)
            .RunAsync();

    [Test]
    public Task A_Secret_that_somebody_says_they_renew_is_still_one_alert_and_its_text_says_who()
        => new RuleCase(TimeSpan.FromHours(2)).Unmanaged("old", -87, 3, until: 59).Unmanaged("old", -87, 3, renewedBy: "other", from: 60)
            .Expect(50, "ticket CertificateExpiringWarning", "page CertificateExpiringSoon")
            .Expect(61, "page CertificateExpiringSoon").Expect(90, "page CertificateExpiringSoon")
            .ExpectSamples(90, "ALERTS_FOR_STATE{alertname=\"CertificateExpiringSoon\"}",
                ("ALERTS_FOR_STATE{alertname=\"CertificateExpiringSoon\",namespace=\"legacy\",secret=\"old\",hostname=\"old.example.com\",service=\"certoperator\",severity=\"page\",source=\"inventory\"}", 0))
            .ExpectAlert(90, "CertificateExpiringSoon",
                "{ namespace: legacy, secret: old, hostname: old.example.com, service: certoperator, severity: page, source: inventory }",
                "{ summary: 'The certificate in Secret legacy/old (old.example.com) is about to expire or has expired, and no policy renews it', "
                    + "description: 'It ends in 2d 22h 30m 0s; a negative time has passed since. Who should renew it, as far as the Secret says: other.', runbook_url: 'https://certoperator.io/runbooks/CertificateExpiringSoon' }")
            .RunAsync();

    [Test]
    public Task A_Secret_that_was_renewed_with_another_first_name_is_told_of_no_more()
        => new RuleCase(TimeSpan.FromHours(2)).Unmanaged("old", -87, 3, until: 59).Unmanaged("old", 0, 90, from: 60, hostname: "new.example.com")
            .Expect(50, "ticket CertificateExpiringWarning", "page CertificateExpiringSoon")
            .Expect(61)
            .RunAsync();

    [Test]
    public Task A_certificate_without_a_policy_in_a_namespace_with_rules_of_its_own_is_told_of_once()
        => new RuleCase(TimeSpan.FromHours(1))
        {
            Rules = [SloRules.Build(SloObjectives.Default with { CriticalDays = 3 }, RuleScope.Of("shop")), SloRules.Build(SloObjectives.Default, RuleScope.Fleet)],
        }
            .Policies(2).Unmanaged("old", -84, 6, ns: "shop").Unmanaged("old", -84, 6)
            .ExpectSamples(50, "count by (alertname, namespace, secret) (ALERTS{alertstate=\"firing\"})",
                ("{alertname=\"CertificateExpiringWarning\",namespace=\"shop\",secret=\"old\"}", 1),
                ("{alertname=\"CertificateExpiringWarning\",namespace=\"legacy\",secret=\"old\"}", 1),
                ("{alertname=\"CertificateExpiringSoon\",namespace=\"legacy\",secret=\"old\"}", 1))
            .RunAsync();

    [Test]
    public Task A_namespace_with_an_objective_of_its_own_is_judged_by_that()
        => new RuleCase(TimeSpan.FromHours(3)) { Rules = [SloRules.Build(SloObjectives.Default with { Served = 0.94m }, RuleScope.Of("shop"))] }
            .Policies(4).ServesAnother("web-1", 1).ServesAnother("web-2", 1)
            .Expect(3 * Hour, "ticket ServedCertificateMismatch * 2", "ticket ServedCertificateSLOSlowBurn")
            .RunAsync();
}

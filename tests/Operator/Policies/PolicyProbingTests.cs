using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Probing;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Policies;

public sealed class PolicyProbingTests
{
    private static readonly EndpointSnapshot New = Served("f1", A.Now.AddHours(1));

    [Test]
    public void What_is_served_is_taken_over_when_it_is_something_else_and_not_when_it_is_the_same_later()
    {
        var before = new PolicyStatus { Fingerprint = "f1", Snapshot = [Served("f1", A.Now)] };
        Assert.That(Take(before, Probe([New])), Is.SameAs(before));

        var after = Take(before, Probe([Served("old", A.Now.AddHours(1))]));
        Assert.That((after.Snapshot!.Single().Certificate!.Fingerprint, after.Snapshot![0].CheckedAt), Is.EqualTo(("old", A.Now.AddHours(1))));
        Assert.That(Condition(after), Is.EqualTo(("False", "Mismatch", "www.example.com:443 serves certificate 01 of CN=Test CA, valid until 2027-02-19 12:00 UTC. Check that the server reads the Secret and reloads it.")));
        Assert.That(PolicyProbing.IsNews(before, after), Is.True);
        Assert.That(Condition(Take(after, Probe([Served("f1", A.Now.AddHours(2))]))).Status, Is.EqualTo("True"));
    }

    [Test]
    public void What_a_run_has_seen_since_is_not_overwritten_by_an_earlier_look()
    {
        var renewed = new PolicyStatus { Fingerprint = "f1", Snapshot = [Served("f1", A.Now.AddHours(2))] };
        Assert.That(Take(renewed, Probe([Served("old", A.Now.AddHours(1))])), Is.SameAs(renewed));
    }

    [Test]
    public void A_doubt_is_not_told()
    {
        var before = new PolicyStatus { Fingerprint = "f1", Snapshot = [Served("f1", A.Now)] };
        Assert.That(Take(before, Probe([Served("old", A.Now.AddHours(1))]) with { IsCertain = false }), Is.SameAs(before));
    }

    [Test]
    public void A_request_is_answered_with_the_time_of_the_look_and_noted()
    {
        var before = new PolicyStatus { Fingerprint = "f1", Snapshot = [Served("f1", A.Now)], Handled = new HandledRequests { RenewRequestedAt = "r" } };
        var after = Take(before, Probe([New], "1"), request: "1");
        Assert.That(after.Snapshot!.Single().CheckedAt, Is.EqualTo(New.CheckedAt));
        Assert.That(after.Handled, Is.EqualTo(new HandledRequests { RenewRequestedAt = "r", CheckRequestedAt = "1" }));
        Assert.That(PolicyProbing.IsNews(before, after), Is.True);
        Assert.That(Take(after, Probe([New], "1"), request: "1"), Is.SameAs(after));
        Assert.That(Take(before, Probe([New], "0"), request: "1").Handled!.CheckRequestedAt, Is.Null, "that look answered another request");
    }

    [Test]
    public void Whether_it_matches_is_judged_by_the_certificate_of_the_moment()
    {
        var before = new PolicyStatus { Fingerprint = "f2" };
        Assert.That(Take(before, Probe([New])).Snapshot!.Single().Matches, Is.False);
        Assert.That(Take(new PolicyStatus(), Probe([New], "1"), request: "1").Snapshot!.Single().Matches, Is.False);
        Assert.That(Condition(Take(new PolicyStatus(), Probe([New], "1"), request: "1")).Message, Does.StartWith("No certificate has been issued yet. www.example.com:443 serves"));
    }

    [Test]
    public void Endpoints_that_the_policy_no_longer_names_are_forgotten()
    {
        var before = new PolicyStatus { Fingerprint = "f1", Snapshot = [Served("f1", A.Now), Served("f1", A.Now) with { Endpoint = "gone.example.com:443" }] };
        Assert.That(Take(before, null).Snapshot!.Select(s => s.Endpoint), Is.EqualTo(new[] { "www.example.com:443" }));
        Assert.That(Take(before, null, verify: new VerifySpec { Endpoints = ["other.example.com"] }).Snapshot, Is.Null);

        var nothing = Take(before, null, request: "1", verify: new VerifySpec { None = true });
        Assert.That((nothing.Snapshot, nothing.Handled!.CheckRequestedAt), Is.EqualTo(((IReadOnlyList<EndpointSnapshot>?)null, "1")));
    }

    [Test]
    public void An_endpoint_that_cannot_be_asked_and_many_that_are_wrong_are_described()
    {
        var silent = new EndpointSnapshot { Endpoint = "www.example.com:443", CheckedAt = A.Now, Message = "No connection to www.example.com port 443 (192.0.2.1: ConnectionRefused)." };
        var (status, reason, message) = Condition(new PolicyStatus { Fingerprint = "f1", Snapshot = [silent] });
        Assert.That((status, reason), Is.EqualTo(("False", "Unreachable")));
        Assert.That(message, Does.StartWith("www.example.com:443 could not be asked: No connection").And.Contains("spec.verify.connectTo"));

        IReadOnlyList<EndpointSnapshot> many = [.. Enumerable.Range(1, 5).Select(i => silent with { Endpoint = $"h{i}.example.com:443" })];
        Assert.That(ServedFindings.Describe(many), Does.Contain("h3.").And.Not.Contain("h4.").And.EndsWith("2 more are not right either; see status.snapshot."));
        Assert.That(ServedFindings.Advise([silent, Served("old", A.Now)]).Reason, Is.EqualTo("Mismatch"), "a wrong certificate is worse than none");
    }

    [Test]
    public void A_revoked_certificate_is_told_of_although_it_is_the_right_one()
    {
        var revoked = Stapled(OcspStatus.Revoked);
        var before = new PolicyStatus { Fingerprint = "f1", Snapshot = [Stapled(OcspStatus.Good) with { CheckedAt = A.Now }] };
        var after = Take(before, Probe([revoked]));
        Assert.That(PolicyProbing.IsNews(before, after), Is.True);
        var (status, reason, message) = Condition(after);
        Assert.That((status, reason), Is.EqualTo(("True", "Revoked")));
        Assert.That(message, Does.StartWith("Every endpoint served the certificate in the Secret. www.example.com:443 serves certificate 01 of CN=Test CA").And.Contains("UTC, and staples an OCSP response that it is revoked.").And.Contains(WellKnown.RenewRequestedAt));

        var silent = new EndpointSnapshot { Endpoint = "b.example.com:443", Message = "No connection." };
        (status, reason, message) = Condition(new PolicyStatus { Fingerprint = "f1", Snapshot = [silent, revoked] });
        Assert.That((status, reason), Is.EqualTo(("False", "Revoked")));
        Assert.That(message, Does.Contain("revoked. b.example.com:443 could not be asked"));
        Assert.That(Condition(new PolicyStatus { Fingerprint = "f1", Snapshot = [Served("old", A.Now) with { Ocsp = revoked.Ocsp }] }).Reason, Is.EqualTo("Mismatch"), "the one in the Secret is another");
    }

    [Test]
    public void A_later_response_that_says_the_same_is_no_news()
    {
        var before = new PolicyStatus { Fingerprint = "f1", Snapshot = [Stapled(OcspStatus.Good) with { CheckedAt = A.Now }] };
        var later = Stapled(OcspStatus.Good);
        Assert.That(Take(before, Probe([later with { Ocsp = later.Ocsp! with { ThisUpdate = A.Now.AddDays(1), NextUpdate = A.Now.AddDays(8), Message = "else" } }])), Is.SameAs(before));
        Assert.That(Condition(Take(before, Probe([Stapled(OcspStatus.Invalid)]))).Reason, Is.EqualTo("Matches"));
    }

    [Test]
    public void What_is_revoked_stays_so_until_the_CA_says_something_else_or_another_certificate_is_served()
    {
        IReadOnlyList<EndpointSnapshot> stored = [Stapled(OcspStatus.Revoked)];
        OcspStatus? After(EndpointSnapshot seen) => PolicyProbing.Remembering(stored, [seen]).Single().Ocsp?.Status;
        Assert.That(After(New), Is.EqualTo(OcspStatus.Revoked), "the server had no response at hand");
        Assert.That(After(Stapled(OcspStatus.Good)), Is.EqualTo(OcspStatus.Good), "a hold was lifted");
        Assert.That(After(Served("f2", A.Now)), Is.Null);
        Assert.That(After(New with { Endpoint = "other.example.com:443" }), Is.Null);
        Assert.That(PolicyProbing.Remembering([Stapled(OcspStatus.Good)], [New]).Single().Ocsp, Is.Null);
    }

    [Test]
    public void A_look_that_a_clock_far_ahead_has_dated_does_not_count_for_later_ones()
    {
        var before = new PolicyStatus { Fingerprint = "f1", Snapshot = [Served("f1", A.Now.AddDays(30))] };
        Assert.That(Take(before, Probe([Served("old", A.Now.AddHours(1))])).Snapshot!.Single().CheckedAt, Is.EqualTo(A.Now.AddHours(1)));
    }

    [Test]
    public void Only_changes_for_the_worse_and_back_to_good_are_announced()
    {
        static Condition Is(string status, string reason) => new() { Type = PolicyStatusBuilder.ServedCertificateMatches, Status = status, Reason = reason };
        Condition matches = Is("True", "Matches"), revoked = Is("True", "Revoked"), mismatch = Is("False", "Mismatch"), both = Is("False", "Revoked");
        Assert.That(new[] { ServedFindings.Announce(null, revoked), ServedFindings.Announce(matches, revoked), ServedFindings.Announce(mismatch, revoked), ServedFindings.Announce(mismatch, both), ServedFindings.Announce(matches, mismatch), ServedFindings.Announce(revoked, mismatch) }, Has.All.EqualTo(EventType.Warning));
        Assert.That(new[] { ServedFindings.Announce(mismatch, matches), ServedFindings.Announce(revoked, matches), ServedFindings.Announce(both, matches) }, Has.All.EqualTo(EventType.Normal));
        Assert.That(new[] { ServedFindings.Announce(null, matches), ServedFindings.Announce(matches, matches), ServedFindings.Announce(revoked, revoked), ServedFindings.Announce(both, revoked), ServedFindings.Announce(mismatch, Is("False", "Unreachable")) }, Has.All.Null);
    }

    private static PolicyStatus Take(PolicyStatus status, ProbeOutcome? probe, string? request = null, VerifySpec? verify = null)
        => PolicyProbing.Take(status, Observe(status, probe, request, verify), A.Now.AddDays(2));

    private static PolicyObservation Observe(PolicyStatus status, ProbeOutcome? probe, string? request = null, VerifySpec? verify = null)
    {
        var policy = A.Policy(A.Spec with { Verify = verify }, status, request is null ? null : new() { [WellKnown.CheckRequestedAt] = request });
        return new PolicyObservation { Policy = policy, Resolution = PolicyResolver.Resolve(policy, null), Runs = [], OlderWriter = null, Secret = null, MissingReference = null, Probe = probe };
    }

    private static (string Status, string Reason, string Message) Condition(PolicyStatus status)
    {
        var built = PolicyStatusBuilder.Build(Observe(status, null), status, new PolicyDecision.Wait(), null, A.Now);
        Condition condition = built.Conditions!.Single(c => c.Type == PolicyStatusBuilder.ServedCertificateMatches);
        return (condition.Status, condition.Reason, condition.Message);
    }

    private static ProbeOutcome Probe(IReadOnlyList<EndpointSnapshot> snapshot, string? request = null)
        => new()
        {
            PolicyUid = A.PolicyUid,
            Generation = 1,
            At = snapshot.Max(s => s.CheckedAt),
            Matches = snapshot.All(s => s.Matches),
            IsCertain = true,
            Request = request,
            Snapshot = snapshot,
        };

    private static EndpointSnapshot Stapled(OcspStatus status) => New with { Ocsp = new OcspStaple { Status = status, ThisUpdate = A.Now, NextUpdate = A.Now.AddDays(7) } };

    private static EndpointSnapshot Served(string fingerprint, DateTimeOffset at)
        => new() { Endpoint = "www.example.com:443", CheckedAt = at, Reachable = true, Matches = fingerprint == "f1", Certificate = A.Certificate(fingerprint), Protocol = "TLSv1.3" };
}

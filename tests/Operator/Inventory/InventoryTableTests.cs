using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;
using CertOperator.Operator.Inventory;
using CertOperator.Operator.Tests.Builders;
using CertOperator.Providers.Pki;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Inventory;

public sealed class InventoryTableTests
{
    private static readonly PolicyStatus Issued = new() { NotAfter = A.Now.AddDays(88), IssuedBy = "CN=R11", RenewalTime = A.Now.AddDays(58) };

    [Test]
    public void What_ends_first_stands_first_and_what_is_not_known_is_a_dash()
    {
        var entries = InventoryEntries.Sorted(
        [
            InventoryEntries.Of(Unmanaged("junk", Renewers.Nobody) with { Unreadable = PkiReasons.NotPem }),
            InventoryEntries.Of(A.Policy(status: Issued), A.Spec),
            InventoryEntries.Of(A.Policy(A.Spec with { Suspend = true, SecretName = "pay-tls" }, Issued with { NotAfter = A.Now.AddHours(30) }), A.Spec),
            InventoryEntries.Of(Unmanaged("wiki-tls", Renewers.CertManager, "Certificate wiki") with { Hostname = "wiki.example.com", Issuer = "CN=R10", NotAfter = A.Now.AddDays(41) }),
            InventoryEntries.Of(Unmanaged("old-tls", Renewers.Nobody) with { Hostname = "old.example.com", Issuer = "CN=\u001b[2J\u202eold", NotAfter = A.Now.AddDays(-3) }),
        ]);
        using var text = new StringWriter { NewLine = "\n" };

        InventoryTable.Write(entries, A.Now, text);

        Assert.That(text.ToString(), Is.EqualTo(
            """
            HOSTNAME           EXPIRES                LEFT   RENEWED BY     NOTE                   PROVIDER   NAMESPACE   SECRET     POLICY   ISSUER
            old.example.com    2026-11-19T12:00:00Z   -3d    nobody         no policy              -          shop        old-tls    -        CN=?[2J?old
            www.example.com    2026-11-23T18:00:00Z   30h    nobody         suspended              acme       shop        pay-tls    www      CN=R11
            wiki.example.com   2027-01-02T12:00:00Z   41d    cert-manager   Certificate wiki       -          shop        wiki-tls   -        CN=R10
            www.example.com    2027-02-18T12:00:00Z   88d    certoperator   -                      acme       shop        www-tls    www      CN=R11
            -                  -                      -      nobody         not readable: NotPem   -          shop        junk       -        -

            """));
    }

    [TestCaseSource(nameof(Policies))]
    public (string RenewedBy, string? Note) A_policy_renews_unless_something_stands_against_it(CertificateRenewalPolicy policy, CertificateProviderKind provider)
    {
        var entry = InventoryEntries.Of(policy, policy.Spec with { Provider = provider });
        return (entry.RenewedBy, entry.Note);
    }

    public static IEnumerable<TestCaseData> Policies()
    {
        yield return Case("well", A.Policy(status: Issued), null);
        yield return Case("without a certificate yet", A.Policy(), null);
        yield return Case("suspended", A.Policy(A.Spec with { Suspend = true }), "suspended");
        yield return Case("rehearsing", A.Policy(A.Spec with { DryRunDefault = true }), "only rehearses");
        yield return Case("manual by inheritance", A.Policy(), "provider manual", CertificateProviderKind.Manual);
        yield return Case("rolled back", A.Policy(status: Issued with { Rollback = new RollbackStatus { RequestedAt = "1", Fingerprint = "f" } }), "rolled back");
        yield return Case("stalled", A.Policy(status: Issued with { Conditions = [new Condition { Type = "Stalled", Status = "True", Reason = "SecretConflict" }] }), "stalled: SecretConflict");
        yield return Case("in need of a person", A.Policy(status: Issued with { Phase = PolicyPhase.NeedsManual }), "needs a person");
    }

    private static TestCaseData Case(string what, CertificateRenewalPolicy policy, string? note, CertificateProviderKind provider = CertificateProviderKind.Acme)
        => new TestCaseData(policy, provider).SetArgDisplayNames(what).Returns((note is null ? InventoryEntry.Operator : Renewers.Nobody, note));

    private static UnmanagedCertificate Unmanaged(string name, string renewedBy, string? renewer = null)
        => new() { Secret = new UnmanagedSecret(new NamespacedName("shop", name), "1", renewedBy, renewer) };
}

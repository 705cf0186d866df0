using System.Text;
using CertOperator.Crds;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Operator.Secrets;
using CertOperator.Operator.Tests.Builders;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Pki;
using CertOperator.TestSupport.Certificates;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Secrets;

public sealed class ProvidedPairTests
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly TestAuthority _authority = TestAuthority.CreateRoot(TimeProvider.System);

    [OneTimeTearDown]
    public void DisposeAuthority() => _authority.Dispose();

    [Test]
    public async Task A_certificate_alone_is_taken_for_the_key_that_the_run_has_staged()
    {
        using var leaf = _authority.Issue(new LeafRequest("www.example.com"));
        using var pair = await ReadAsync(Secret(leaf.ChainPem, null), PrivateKeyPair.FromPem(leaf.KeyPem), A.Resolved());
        Assert.That(pair.Chain.Facts.Fingerprint, Is.EqualTo(CertificateFacts.From(leaf.Certificate).Fingerprint));
    }

    [Test]
    public async Task A_key_that_never_leaves_its_backend_takes_a_certificate_too()
    {
        using var leaf = _authority.Issue(new LeafRequest("www.example.com"));
        var remote = HeldKey.Of(leaf.Certificate, new KeyReference { Place = KeyPlaces.AwsKms, Key = "arn", PublicKeySha256 = "00" });
        using var pair = await ReadAsync(Secret(leaf.ChainPem, null), remote, Remote());
        Assert.That(pair.Key, Is.SameAs(remote));
    }

    [Test]
    public void A_pair_with_a_key_is_refused_where_the_policys_key_stays_elsewhere()
    {
        using var leaf = _authority.Issue(new LeafRequest("www.example.com"));
        Assert.That(async () => await ReadAsync(Secret(leaf.ChainPem, leaf.KeyPem), null, Remote()), Throws.TypeOf<CredentialException>().With.Message.Contains("Provide a certificate for the run's signing request, without a key"));
    }

    [Test]
    public async Task A_pair_with_its_own_key_needs_none_that_is_staged()
    {
        using var leaf = _authority.Issue(new LeafRequest("www.example.com"));
        using var pair = await ProvidedPair.ReadAsync(Secret(leaf.ChainPem, leaf.KeyPem), "uploaded", A.Resolved(), _ => throw new InvalidOperationException("nobody asks"), Now, default);
        Assert.That(pair.Key.Exported, Is.Not.Null);
    }

    [Test]
    public void What_does_not_fit_is_refused_with_the_reason()
    {
        using var leaf = _authority.Issue(new LeafRequest("www.example.com"));
        using var elsewhere = _authority.Issue(new LeafRequest("elsewhere.example.com"));
        (Secret? Secret, PrivateKeyPair? Staged, string Said)[] cases =
        [
            (null, null, "Secret uploaded does not exist"),
            (Secret(null, null), null, "It has no key tls.crt"),
            (Secret("garbage", null), null, "holds no usable certificate"),
            (Secret(leaf.ChainPem, null), null, "no key is staged for this run"),
            (Secret(leaf.ChainPem, null), PrivateKeyPair.FromPem(elsewhere.KeyPem), "is for another key than"),
            (Secret(elsewhere.ChainPem, null), PrivateKeyPair.FromPem(elsewhere.KeyPem), "is not valid for www.example.com"),
        ];
        foreach (var (secret, staged, said) in cases)
        {
            Assert.That(async () => await ReadAsync(secret, staged, A.Resolved()), Throws.TypeOf<CredentialException>().With.Message.Contains(said), said);
        }
    }

    private static Task<ProvidedPair> ReadAsync(Secret? secret, ICertificateKey? staged, ResolvedPolicy policy)
        => ProvidedPair.ReadAsync(secret, "uploaded", policy, _ => Task.FromResult(staged), Now, default);

    private static ResolvedPolicy Remote() => A.Resolved() with { KeyBackend = new ElsewhereKeys { Field = "spec.keyBackendConfig" } };

    private static Secret Secret(string? certificate, string? key)
    {
        var data = new Dictionary<string, byte[]>();
        if (certificate is not null)
        {
            data[WellKnown.TlsCertificateKey] = Encoding.ASCII.GetBytes(certificate);
        }

        if (key is not null)
        {
            data[WellKnown.TlsPrivateKeyKey] = Encoding.ASCII.GetBytes(key);
        }

        return new Secret { Metadata = new ObjectMeta { Name = "uploaded", Namespace = "shop" }, Data = data };
    }

    private sealed record ElsewhereKeys : ResolvedKeyBackend
    {
        public override string Identity => "elsewhere";

        public override bool KeyStays => true;
    }
}

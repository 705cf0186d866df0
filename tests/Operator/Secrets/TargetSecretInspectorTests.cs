using System.Text;
using CertOperator.Crds;
using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Operator.Secrets;
using CertOperator.Operator.Tests.Builders;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Pki;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Secrets;

public sealed class TargetSecretInspectorTests
{
    private static IEnumerable<TestCaseData> Foreign()
    {
        yield return Case("another type", s => s.Type = "Opaque", PolicyReasons.SecretWrongType);
        yield return Case("immutable", s => s.Immutable = true, PolicyReasons.SecretImmutable);
        yield return Case("owned by a controller", s => s.Metadata.OwnerReferences = [new OwnerReference { Kind = "Ingress", Name = "x", Controller = true }], PolicyReasons.SecretForeign);
        yield return Case("cert-manager's", s => s.Metadata.Annotations = new() { ["cert-manager.io/certificate-name"] = "x" }, PolicyReasons.SecretForeign);
        yield return Case("of another policy", s => s.Metadata.Annotations = new() { [WellKnown.SecretPolicy] = "other" }, PolicyReasons.SecretForeign);
        yield return Case("a CA's", s => s.Metadata.Annotations = new() { [WellKnown.PrivateRoot] = "true", [WellKnown.SecretPolicy] = "www" }, PolicyReasons.SecretForeign);
        yield return Case("Helm's", s => s.Metadata.Labels = new() { [WellKnown.ManagedByLabel] = "Helm" }, PolicyReasons.SecretForeign);

        static TestCaseData Case(string name, Action<Secret> change, string reason)
            => new TestCaseData(change, reason).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Foreign))]
    public void A_Secret_that_is_not_ours_is_not_touched(Action<Secret> change, string reason)
    {
        var secret = Empty();
        change(secret);
        Assert.That((Inspect(secret) as SecretFinding.Untouchable)?.Reason, Is.EqualTo(reason));
    }

    [Test]
    public void Keys_that_somebody_else_wrote_and_nobody_keeps_current_are_named_until_the_Secret_is_taken_over()
    {
        var secret = Empty();
        secret.Data = new() { ["keystore.p12"] = [1], ["truststore.jks"] = [2], ["ca.crt"] = [3], ["config.yaml"] = [4] };
        var finding = Inspect(secret)!;
        Assert.That(finding.Leftovers, Is.EqualTo(new[] { "keystore.p12", "truststore.jks", "ca.crt" }));
        Assert.That(SecretLeftovers.Describe("www-tls", finding.Leftovers), Does.Contain("Pkcs12 writes keystore.p12").And.Contain("/data/keystore.p12").And.Not.Contain("Der"));
        Assert.That(SecretLeftovers.In(secret, [new SecretOutput { Type = SecretOutputKind.Pkcs12 }]), Is.EqualTo(new[] { "truststore.jks", "ca.crt" }), "the operator writes one of them");

        secret.Metadata.Annotations = new() { [WellKnown.SecretPolicy] = "www" };
        Assert.That(Inspect(secret)!.Leftovers, Is.Empty, "it was said when the Secret was taken over");
    }

    [Test]
    public void A_Secret_that_somebody_names_as_that_of_a_CA_is_not_touched_unless_this_policy_has_written_it()
    {
        var secret = Empty();
        Assert.That((Inspect(secret, "policy x") as SecretFinding.Untouchable)?.Message, Does.Contain("Secret www-tls is named as that of a CA in policy x").And.Contain("Choose another name"));
        Assert.That(Inspect(null, "policy x"), Is.TypeOf<SecretFinding.Untouchable>(), "the CA may still have to be made");
        secret.Metadata.Annotations = new() { [WellKnown.SecretPolicy] = "www" };
        Assert.That(Inspect(secret, "policy x"), Is.TypeOf<SecretFinding.Defective>(), "somebody else's slip must not end renewal");
    }

    [Test]
    public void Who_names_a_CA_is_found_in_policies_and_settings()
    {
        var (policies, settings) = (new ObjectStore<CertificateRenewalPolicy>(), new ObjectStore<CertificateRenewalSettings>());
        var stores = new ResourceStores(policies, new ObjectStore<CertificateRenewalRun>(), settings, new ObjectStore<CertificateRenewalBatch>());
        policies.Observe(A.Policy(A.Spec with { ProviderConfig = new ProviderConfig { PrivateCa = new PrivateCaConfig { SecretName = "ca" } } }));
        settings.Observe(new CertificateRenewalSettings
        {
            Metadata = new ObjectMeta { Name = CertificateRenewalSettings.DefaultName, Namespace = "shop", Uid = "s", ResourceVersion = "1" },
            Spec = new SettingsSpec { Providers = new ProviderConfig { PrivateCa = new PrivateCaConfig { SecretName = "shared-ca" } } },
        });
        Assert.That(AuthoritySecrets.NamedBy(stores, "shop", "ca"), Does.Contain("policy www"));
        Assert.That(AuthoritySecrets.NamedBy(stores, "shop", "shared-ca"), Does.Contain("CertificateRenewalSettings default"));
        Assert.That(AuthoritySecrets.NamedBy(stores, "other", "ca"), Is.Null);
        Assert.That(AuthoritySecrets.NamedBy(stores, "shop", "www-tls"), Is.Null);
    }

    [Test]
    public void A_Secret_of_a_policy_that_is_gone_may_be_taken_over()
    {
        var secret = Empty();
        secret.Metadata.Annotations = new() { [WellKnown.SecretPolicy] = "deleted" };
        Assert.That(Inspect(secret), Is.TypeOf<SecretFinding.Defective>());
    }

    [Test]
    public void An_empty_placeholder_and_no_Secret_at_all_are_told_apart()
    {
        Assert.That(Inspect(null), Is.TypeOf<SecretFinding.Absent>());
        Assert.That((Inspect(Empty()) as SecretFinding.Defective)?.Reason, Is.EqualTo(PolicyReasons.MissingData));
    }

    [Test]
    public void A_key_that_is_not_the_certificates_is_no_pair()
    {
        using var key = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
        using var other = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
        var secret = Empty();
        secret.Data = new() { ["tls.crt"] = Encoding.ASCII.GetBytes(SelfSigned(key)), ["tls.key"] = Encoding.ASCII.GetBytes(other.ToPkcs8Pem()) };
        Assert.That((Inspect(secret) as SecretFinding.Defective)?.Reason, Is.EqualTo(PolicyReasons.InvalidKeyPair));
    }

    [Test]
    public void A_pair_is_described_and_its_writer_known()
    {
        using var key = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
        var secret = Empty();
        secret.Data = new() { ["tls.crt"] = Encoding.ASCII.GetBytes(SelfSigned(key)), ["tls.key"] = Encoding.ASCII.GetBytes(key.ToPkcs8Pem()) };
        Assert.That((Inspect(secret) as SecretFinding.Present)?.IssuedFrom, Is.Null, "nobody has signed it with an annotation");

        secret.Metadata.Annotations = new() { [WellKnown.SecretPolicy] = "www", [WellKnown.SecretServer] = A.Server };
        var found = (SecretFinding.Present)Inspect(secret);
        Assert.That((found.IssuedFrom, found.KeySize, found.UpToDate), Is.EqualTo((A.Server, 256, true)));
        Assert.That(found.Certificate.Names, Is.EqualTo(new[] { "www.example.com" }));
    }

    [Test]
    public void Where_the_key_stays_elsewhere_a_reference_to_it_takes_its_place()
    {
        using var key = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
        var reference = new KeyReference { Place = KeyPlaces.AwsKms, Key = "arn", PublicKeySha256 = KeyReference.Fingerprint(key.SubjectPublicKeyInfo) };
        var secret = Empty();
        Assert.That((InspectStaying(secret) as SecretFinding.Untouchable)?.Reason, Is.EqualTo(PolicyReasons.SecretWrongType), "the API server lets no kubernetes.io/tls Secret be without a key");

        secret.Type = WellKnown.CertificateSecretType;
        secret.Data = new() { ["tls.crt"] = Encoding.ASCII.GetBytes(SelfSigned(key)) };
        Assert.That((InspectStaying(secret) as SecretFinding.Defective)?.Reason, Is.EqualTo(PolicyReasons.MissingData));

        secret.Data[WellKnown.KeyReferenceKey] = Encoding.UTF8.GetBytes((reference with { PublicKeySha256 = new string('0', 64) }).ToJson());
        Assert.That((InspectStaying(secret) as SecretFinding.Defective)?.Reason, Is.EqualTo(PolicyReasons.InvalidKeyPair));

        secret.Data[WellKnown.KeyReferenceKey] = Encoding.UTF8.GetBytes(reference.ToJson());
        secret.Metadata.Annotations = new() { [WellKnown.SecretPolicy] = "www", [WellKnown.SecretKeyBackend] = "a place" };
        var found = (SecretFinding.Present)InspectStaying(secret);
        Assert.That((found.KeySize, found.KeyBackend), Is.EqualTo((256, "a place")));
    }

    private static SecretFinding InspectStaying(Secret secret)
        => TargetSecretInspector.Inspect(secret, A.Policy(), A.Resolved() with { KeyBackend = new Elsewhere { Field = "spec.keyBackendConfig" } }, null, _ => true);

    private sealed record Elsewhere : ResolvedKeyBackend
    {
        public override string Identity => "a place";

        public override bool KeyStays => true;
    }

    private static SecretFinding Inspect(Secret? secret, string? authority = null) => TargetSecretInspector.Inspect(secret, A.Policy(), A.Resolved(), authority, name => name != "deleted");

    private static Secret Empty() => new()
    {
        Metadata = new ObjectMeta { Name = "www-tls", Namespace = "shop" },
        Type = "kubernetes.io/tls",
        Data = new() { ["tls.crt"] = [], ["tls.key"] = [] },
    };

    private static string SelfSigned(PrivateKeyPair key)
    {
        var request = System.Security.Cryptography.X509Certificates.CertificateRequest.LoadSigningRequest(
            CertificateSigningRequests.CreateDer(key, "www.example.com", ["www.example.com"], []),
            System.Security.Cryptography.HashAlgorithmName.SHA256,
            System.Security.Cryptography.X509Certificates.CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        var generator = System.Security.Cryptography.X509Certificates.X509SignatureGenerator.CreateForECDsa((System.Security.Cryptography.ECDsa)key.Key);
        using var certificate = request.Create(request.SubjectName, generator, A.Now.AddDays(-1), A.Now.AddDays(89), [1]);
        return certificate.ExportCertificatePem();
    }
}

using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;

namespace CertOperator.Operator.Tests.Builders;

/// <summary>Objects that are right in every respect; a test changes the one thing that it is about.</summary>
internal static class A
{
    public const string PolicyUid = "11111111-2222-3333-4444-555555555555";
    public const string Server = "https://ca.example.com/directory";

    public static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    public static PolicySpec Spec => new()
    {
        Hostname = "www.example.com",
        Provider = CertificateProviderKind.Acme,
        ProviderConfig = new ProviderConfig { Acme = new AcmeConfig { Server = Server } },
        SecretName = "www-tls",
        Verify = new VerifySpec { None = true },
    };

    public static CertificateRenewalPolicy Policy(PolicySpec? spec = null, PolicyStatus? status = null, Dictionary<string, string>? annotations = null)
        => new()
        {
            Metadata = new ObjectMeta { Name = "www", Namespace = "shop", Uid = PolicyUid, Generation = 1, CreationTimestamp = Now.AddDays(-1), ResourceVersion = "10", Annotations = annotations },
            Spec = spec ?? Spec,
            Status = status,
        };

    public static ResolvedPolicy Resolved(PolicySpec? spec = null) => PolicyResolver.Resolve(Policy(spec), null).Policy!;

    public static CertificateSummary Certificate(string fingerprint = "f1", DateTimeOffset? notAfter = null)
        => new()
        {
            Fingerprint = fingerprint,
            Serial = "01",
            Issuer = "CN=Test CA",
            Names = ["www.example.com"],
            NotBefore = Now.AddDays(-1),
            NotAfter = notAfter ?? Now.AddDays(89),
        };

    public static CertificateRenewalRun Run(RunStatus? status = null, string name = "www-1", DateTimeOffset? created = null)
        => new()
        {
            Metadata = new ObjectMeta
            {
                Name = name,
                Namespace = "shop",
                Uid = "run-" + name,
                CreationTimestamp = created ?? Now,
                ResourceVersion = "20",
                OwnerReferences = [new OwnerReference { ApiVersion = "certoperator.io/v1alpha1", Kind = CertificateRenewalPolicy.KindName, Name = "www", Uid = PolicyUid }],
            },
            Spec = new RunSpec { PolicyRef = new PolicyReference { Name = "www" }, Trigger = RunTrigger.Scheduled },
            Status = status,
        };

    public static CertificateRenewalRun Finished(RunPhase phase, DateTimeOffset finishedAt, string name = "www-1", string? reason = null, bool restored = false)
        => Run(
            new RunStatus
            {
                Phase = phase,
                FinishedAt = finishedAt,
                PolicyGeneration = 1,
                Certificate = phase == RunPhase.Succeeded ? Certificate() : null,
                Order = restored ? new RunOrder { Url = "https://ca.example.com/order/1", ReusedFrom = "www-0" } : null,
                Reason = reason ?? (phase == RunPhase.Succeeded ? "Succeeded" : "ServerUnreachable"),
                Message = "A message.",
            },
            name,
            finishedAt.AddSeconds(-1));

    public static SecretFinding.Present Present(CertificateSummary? certificate = null, string? issuedFrom = Server)
        => new(certificate ?? Certificate()) { IssuedFrom = issuedFrom, KeyAlgorithm = PrivateKeyAlgorithm.Ecdsa, KeySize = 256, UpToDate = true };
}

using CertOperator.Kubernetes;
using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Runs;

/// <summary>How far a run is.</summary>
public sealed record RunStatus
{
    public RunPhase? Phase { get; init; }

    /// <summary>Complete is True after success, False after a failure, and not there before the end.</summary>
    [ListMapKey("type")]
    public IReadOnlyList<Condition>? Conditions { get; init; }

    /// <summary>Generation of the policy that the run works on.</summary>
    public long? PolicyGeneration { get; init; }

    /// <summary>Fingerprint of what is asked of the CA; a change of the policy that alters it ends the run.</summary>
    public string? RequestHash { get; init; }

    public StepName? CurrentStep { get; init; }

    /// <summary>Every step, in order.</summary>
    public IReadOnlyList<RunStep>? Steps { get; init; }

    /// <summary>The last 50 lines of the run's log.</summary>
    public IReadOnlyList<RunLogLine>? Log { get; init; }

    /// <summary>The mode of the run, taken from the policy where spec.mode names none.</summary>
    public RunMode? Mode { get; init; }

    /// <summary>What a dry run found, one row per check.</summary>
    public IReadOnlyList<RunCheck>? Report { get; init; }

    /// <summary>The order at the certificate authority.</summary>
    public RunOrder? Order { get; init; }

    /// <summary>For the provider manual: the signing request, in PEM, that a person has signed.</summary>
    public string? Csr { get; init; }

    /// <summary>The certificate that was issued.</summary>
    public CertificateSummary? Certificate { get; init; }

    /// <summary>When the certificate came from the CA.</summary>
    public DateTimeOffset? IssuedAt { get; init; }

    /// <summary>What the certificate costs by the prices of the namespace's settings, or else by the published ones. In a dry run: what it would cost.</summary>
    public CostEstimate? CostEstimate { get; init; }

    /// <summary>What of that has come due, since a certificate was issued; absent while none was.</summary>
    public Money? Cost { get; init; }

    /// <summary>What was restarted and who was told, where the policy asks for that.</summary>
    public RunDeployment? Deploy { get; init; }

    /// <summary>What the endpoints serve at the end of the run.</summary>
    public IReadOnlyList<EndpointSnapshot>? Snapshot { get; init; }

    /// <summary>Why the run stands where it stands: one word.</summary>
    public string? Reason { get; init; }

    /// <summary>Why the run stands where it stands: one sentence.</summary>
    public string? Message { get; init; }

    /// <summary>While a step waits: when it goes on. After a failure: the earliest time that the CA accepts another attempt.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>When the run was last taken up again after it had ended, by whom and how often.</summary>
    public RunResumption? Resumption { get; init; }

    /// <summary>The key pair that a person provided in place of the one that the run could not obtain.</summary>
    public RunResolution? Resolution { get; init; }

    /// <summary>Annotation values that were acted on.</summary>
    public HandledRunRequests? Handled { get; init; }
}

/// <summary>How a run that had ended was taken up again.</summary>
public sealed record RunResumption
{
    public DateTimeOffset At { get; init; }

    public int Count { get; init; }

    /// <summary>Who asked, as annotation certoperator.io/requested-by says.</summary>
    public string? RequestedBy { get; init; }
}

/// <summary>A key pair that is taken over.</summary>
public sealed record RunResolution
{
    public string SecretName { get; init; } = "";

    /// <summary>SHA-256 of the certificate that was checked, hexadecimal; another one in the same Secret is not taken.</summary>
    public string Fingerprint { get; init; } = "";

    public DateTimeOffset At { get; init; }

    /// <summary>Who asked, as annotation certoperator.io/requested-by says.</summary>
    public string? RequestedBy { get; init; }
}

/// <summary>The last value of each requesting annotation that was acted on.</summary>
public sealed record HandledRunRequests
{
    public string? ResumeRequestedAt { get; init; }

    public string? ResolveWithSecret { get; init; }
}

/// <summary>One step.</summary>
public sealed record RunStep
{
    [Required]
    public StepName Name { get; init; }

    [Required]
    public StepState State { get; init; }

    /// <summary>How often the step was tried; a wait for the CA is not a try.</summary>
    public int? Attempts { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public string? Reason { get; init; }

    public string? Message { get; init; }
}

/// <summary>A line of the run's log.</summary>
public sealed record RunLogLine
{
    public DateTimeOffset Time { get; init; }

    public string Message { get; init; } = "";
}

/// <summary>An order as far as a restart needs it.</summary>
public sealed record RunOrder
{
    /// <summary>What the CA knows the order by: a URL, with aws_acm the ARN of the certificate. Absent where the CA lost the order and another is not placed yet.</summary>
    public string? Url { get; init; }

    public string? FinalizeUrl { get; init; }

    public DateTimeOffset? Expires { get; init; }

    /// <summary>Challenges to answer; every replica of the operator answers them from here.</summary>
    public IReadOnlyList<RunChallenge>? Challenges { get; init; }

    /// <summary>The earlier run whose order this is, where a lost Secret is restored without a new issuance.</summary>
    public string? ReusedFrom { get; init; }

    /// <summary>True since the run was resumed with this order: if the CA has given it up meanwhile, another is placed.</summary>
    public bool? Resumed { get; init; }

    /// <summary>Orders placed by this run; more than one only where the CA lost or invalidated an earlier one.</summary>
    public int? Placed { get; init; }
}

/// <summary>A challenge (RFC 8555, section 8). A key authorization is no secret: the CA fetches it over plain HTTP. Of type acm-dns it is a CNAME record: the token is its name, the key authorization what it points to.</summary>
public sealed record RunChallenge
{
    public string Hostname { get; init; } = "";

    public string Type { get; init; } = "";

    public string AuthorizationUrl { get; init; } = "";

    public string Url { get; init; } = "";

    public string Token { get; init; } = "";

    public string KeyAuthorization { get; init; } = "";

    /// <summary>What a solver has put, or is about to put, in place for the CA, until it is taken away.</summary>
    public PresentedAnswer? Presented { get; init; }
}

/// <summary>Something outside that a run has made and must take away.</summary>
public sealed record PresentedAnswer
{
    /// <summary>Name of the solver in CertificateRenewalSettings "default".</summary>
    public string Solver { get; init; } = "";

    /// <summary>For http-01 the kind of the object in the run's namespace: Ingress, HTTPRoute or ConfigMap; CNAME for a record that the provider renews by, which stays. Absent for a TXT record.</summary>
    public string? Kind { get; init; }

    /// <summary>For dns-01 the name of the record, after CNAME records were followed; for http-01 the name of the object.</summary>
    public string Name { get; init; } = "";

    /// <summary>For dns-01 the value of the record, for a ConfigMap the key.</summary>
    public string? Value { get; init; }
}

/// <summary>The facts of a certificate.</summary>
public sealed record CertificateSummary
{
    /// <summary>SHA-256 over the DER form, hexadecimal.</summary>
    public string Fingerprint { get; init; } = "";

    public string Serial { get; init; } = "";

    public string Issuer { get; init; } = "";

    public IReadOnlyList<string>? Names { get; init; }

    public DateTimeOffset NotBefore { get; init; }

    public DateTimeOffset NotAfter { get; init; }

    /// <summary>What the CA knows the certificate by when it is asked for renewal information (RFC 9773, section 4.1).</summary>
    public string? RenewalInfoId { get; init; }
}

/// <summary>What one endpoint served.</summary>
public sealed record EndpointSnapshot
{
    /// <summary>host:port.</summary>
    public string Endpoint { get; init; } = "";

    public DateTimeOffset CheckedAt { get; init; }

    /// <summary>Whether the served certificate is the one in the Secret.</summary>
    public bool Matches { get; init; }

    public bool Reachable { get; init; }

    public CertificateSummary? Certificate { get; init; }

    /// <summary>How many certificates the endpoint sent.</summary>
    public int? ChainLength { get; init; }

    public string? Protocol { get; init; }

    /// <summary>Whether the chain leads to a trusted root and is valid for the name.</summary>
    public bool? Trusted { get; init; }

    /// <summary>The OCSP response that the endpoint staples; absent where the certificate names no responder, where none is stapled, and with a server that speaks TLS 1.3 alone, from which it cannot be read.</summary>
    public OcspStaple? Ocsp { get; init; }

    /// <summary>Why the endpoint could not be asked, or why its chain is not trusted.</summary>
    public string? Message { get; init; }
}

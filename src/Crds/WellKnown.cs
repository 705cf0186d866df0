namespace CertOperator.Crds;

/// <summary>Labels and annotations that the operator reads or writes.</summary>
public static class WellKnown
{
    public const string ManagedByLabel = "app.kubernetes.io/managed-by";
    public const string ManagedByValue = "certoperator";

    /// <summary>Label on runs and Secrets: the policy's name, shortened with a hash where it is longer than a label value may be.</summary>
    public const string PolicyLabel = CertOperatorApi.Group + "/policy";

    /// <summary>Label on what a run makes for the time being: the run's name, shortened with a hash where it is longer than a label value may be.</summary>
    public const string RunLabel = CertOperatorApi.Group + "/run";

    /// <summary>Label on runs and on pages of rows: the batch's name, shortened with a hash where it is longer than a label value may be.</summary>
    public const string BatchLabel = CertOperatorApi.Group + "/batch";

    /// <summary>Annotation on a run: namespace and name of the batch that made it.</summary>
    public const string BatchOf = CertOperatorApi.Group + "/batch-of";

    /// <summary>Annotation on a policy: start a run now. Any new value counts once; a time stamp is customary.</summary>
    public const string RenewRequestedAt = CertOperatorApi.Group + "/renew-requested-at";

    /// <summary>Annotation on a policy beside the request for a run: Live or DryRun. Default: what spec.dryRunDefault says.</summary>
    public const string RenewMode = CertOperatorApi.Group + "/renew-mode";

    /// <summary>Annotation on a policy: ask its endpoints now which certificate they serve. Any new value counts once.</summary>
    public const string CheckRequestedAt = CertOperatorApi.Group + "/check-requested-at";

    /// <summary>Annotation on a run that is Failed or NeedsManual: go on at the failed step. Any new value counts once.</summary>
    public const string ResumeRequestedAt = CertOperatorApi.Group + "/resume-requested-at";

    /// <summary>
    /// Annotation on a policy: take over the key pair in the Secret of that name, whatever its runs do. On a run that has not stored a certificate:
    /// the same, or the certificate alone where the run has staged its key.
    /// </summary>
    public const string ResolveWithSecret = CertOperatorApi.Group + "/resolve-with-secret";

    /// <summary>Annotation beside a request: who asks, as they say.</summary>
    public const string RequestedBy = CertOperatorApi.Group + "/requested-by";

    /// <summary>Annotation on the Secret: its pair was not issued to the policy but taken over from the Secret of that name.</summary>
    public const string SecretTakenOverFrom = CertOperatorApi.Group + "/taken-over-from";

    /// <summary>Annotation on a policy: put the previous pair back and hold scheduled renewal. Any new value counts once. On a run: the request that it answers.</summary>
    public const string RollbackRequestedAt = CertOperatorApi.Group + "/rollback-requested-at";

    /// <summary>Annotation on a run: SHA-256 of the certificate that it puts back from the policy's internal Secret; such a run issues none.</summary>
    public const string RollbackTo = CertOperatorApi.Group + "/rollback-to";

    /// <summary>Annotation on the Secret: full name and UID of the policy that writes it, the run that wrote it, and where the certificate came from.</summary>
    public const string SecretPolicy = CertOperatorApi.Group + "/policy-name";
    public const string SecretPolicyUid = CertOperatorApi.Group + "/policy-uid";
    public const string SecretRun = CertOperatorApi.Group + "/run";
    public const string SecretCreatedByRun = CertOperatorApi.Group + "/created-by-run";
    public const string SecretServer = CertOperatorApi.Group + "/acme-server";
    public const string SecretHostname = CertOperatorApi.Group + "/hostname";

    /// <summary>Annotation on the Secret: SHA-256 of the certificate that was written with it, by which the operator knows its own work.</summary>
    public const string SecretFingerprint = CertOperatorApi.Group + "/certificate-fingerprint";

    /// <summary>Annotation on the Secret: what kept the key when the certificate was issued; absent where the operator made it and the Secret holds it.</summary>
    public const string SecretKeyBackend = CertOperatorApi.Group + "/key-backend";

    /// <summary>Annotation on a Secret that no policy writes: who renews its certificate, in a person's words.</summary>
    public const string RenewedBy = CertOperatorApi.Group + "/renewed-by";

    /// <summary>Annotation on a Secret of cert-manager: its Certificate.</summary>
    public const string CertManagerCertificate = "cert-manager.io/certificate-name";

    /// <summary>Annotation on a run: the Secret that it writes, which is still known when the policy no longer is.</summary>
    public const string RunSecret = CertOperatorApi.Group + "/secret-name";

    /// <summary>Annotation on a run: why it was made, one word.</summary>
    public const string RunReason = CertOperatorApi.Group + "/reason";

    /// <summary>Annotation on a queued run: why it need not wait any longer, one word.</summary>
    public const string RunHastened = CertOperatorApi.Group + "/hastened";

    /// <summary>Annotation on the policy's internal Secret: the UID of the run whose key is staged there.</summary>
    public const string StagedForRun = CertOperatorApi.Group + "/staged-for-run";

    /// <summary>Annotation beside it: what was asked for when the key was staged; one for something else is not used.</summary>
    public const string StagedForRequest = CertOperatorApi.Group + "/staged-for-request";

    /// <summary>
    /// Prefix of an annotation on the pod template of a workload that was restarted; the rest is the policy's label value, since several
    /// policies may restart one workload. The value is the fingerprint of the certificate that the pods were restarted for.
    /// </summary>
    public const string RestartedForPrefix = "restarted-for." + CertOperatorApi.Group + "/";

    /// <summary>Finalizer on a run that has something in place outside: it is taken away before the run goes.</summary>
    public const string PresentedFinalizer = CertOperatorApi.Group + "/presented";

    /// <summary>Annotation on a CA's Secret: the operator has made the CA and looks after it.</summary>
    public const string PrivateRoot = CertOperatorApi.Group + "/private-root";

    /// <summary>Annotation on a CA's Secret: since when the trust bundle holds the CA that is to sign next.</summary>
    public const string PrivateRootTrustedSince = CertOperatorApi.Group + "/next-trusted-since";

    /// <summary>Annotation on a ConfigMap that the operator has made: the Secret of the CA whose trust bundle it holds.</summary>
    public const string TrustBundleOf = CertOperatorApi.Group + "/trust-bundle-of";

    /// <summary>Annotation on a PrometheusRule: the names of the labels that the operator has put there.</summary>
    public const string RuleLabels = CertOperatorApi.Group + "/labels";

    public const string TlsSecretType = "kubernetes.io/tls";
    public const string TlsCertificateKey = "tls.crt";
    public const string TlsPrivateKeyKey = "tls.key";

    /// <summary>Type of a Secret whose key is kept elsewhere: kubernetes.io/tls demands a tls.key.</summary>
    public const string CertificateSecretType = CertOperatorApi.Group + "/certificate";
    public const string KeyReferenceKey = "key-reference";
    public const string StateSecretType = CertOperatorApi.Group + "/renewal-state";
    public const string SigningRequestSecretType = CertOperatorApi.Group + "/signing-request";
    public const string MasterKeySecretType = CertOperatorApi.Group + "/master-key";
    public const string AccountSecretType = CertOperatorApi.Group + "/acme-account";
}

using System.Net;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Rules;
using CertOperator.Crds.Settings;
using CertOperator.Operator.Challenges;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Operator.Telemetry;

namespace CertOperator.Operator.Policies;

/// <summary>Turns a spec and the namespace's settings into a policy that can be carried out, or says everything that keeps it from that. Pure.</summary>
public static class PolicyResolver
{
    public static readonly Uri LetsEncrypt = new("https://acme-v02.api.letsencrypt.org/directory");
    public static readonly Uri LetsEncryptStaging = new("https://acme-staging-v02.api.letsencrypt.org/directory");

    private const int DefaultHistoryLimit = 10;

    /// <summary>Providers that renew by themselves do so when about a third of the lifetime is left: a little later there is something to fetch.</summary>
    private const int SelfRenewedPercentage = 25;
    private static readonly TimeSpan DefaultCooldown = TimeSpan.FromHours(1);

    /// <param name="policy">The policy.</param>
    /// <param name="settings">Those of its namespace; null where there are none.</param>
    /// <param name="chosen">The provider to ask; null for the policy's first.</param>
    public static PolicyResolution Resolve(CertificateRenewalPolicy policy, CertificateRenewalSettings? settings, CertificateProviderKind? chosen = null)
    {
        var problems = new List<PolicyProblem>();
        void Invalid(string message) => problems.Add(new PolicyProblem(PolicyReasons.InvalidSpec, message));

        PolicyConfigurationRules.Check(policy.Spec, settings, Invalid);
        policy = InheritedDefaults.Fill(policy, settings);
        var spec = policy.Spec;
        var provider = chosen ?? ProviderChoice.PrimaryOf(spec);
        var candidates = ProviderChoice.CandidatesOf(spec);
        if (!candidates.Contains(provider))
        {
            Invalid($"Provider {LabelNames<CertificateProviderKind>.Of(provider)} is asked for, and spec.provider and spec.allowedProviders do not name it.");
        }

        var names = CheckNames(spec, candidates, settings, Invalid);
        var challenge = ProviderRules.ChallengeFor(provider, spec.Challenge);
        var solvers = candidates.Select(c => ProviderRules.ChallengeFor(c, spec.Challenge)).Append(challenge).Distinct()
            .ToDictionary(c => c, c => SolverResolver.Resolve(spec, c, policy.Metadata.Labels, names, settings, Invalid))[challenge];
        AwsAcmIssuerResolver.CheckSolvers(candidates, solvers, Invalid);
        var issuers = candidates.Select(c => IssuerResolver.Resolve(policy, c, settings, Invalid)).ToList();
        var issuer = issuers.Find(i => i?.Provider == provider);
        var keys = KeyBackendResolver.Resolve(policy, Invalid);
        var algorithm = spec.Key?.Algorithm ?? PrivateKeyAlgorithm.Ecdsa;
        var size = spec.Key?.Size ?? (algorithm == PrivateKeyAlgorithm.Ecdsa ? 256 : 2048);
        CheckKey(algorithm, size, Invalid);
        SecretRules.CheckName(spec.SecretName, "spec.secretName", Invalid);
        SecretRules.CheckNotReserved(spec.SecretName, "spec.secretName", Invalid);
        SecretRules.CheckTemplate(spec.SecretTemplate, Invalid);
        SecretRules.CheckOutputs(spec.Outputs, Invalid);
        var renewBefore = CheckRenewal(spec, InheritedDefaults.FieldOf(policy, settings, "renewBefore", s => s.RenewBefore, d => d.RenewBefore), Invalid);
        var windows = WindowResolver.Resolve(spec.Windows, Invalid);
        var deploy = DeployResolver.Resolve($"{policy.Metadata.Namespace}/{policy.Metadata.Name}", spec.Deploy, Invalid);
        var verification = VerificationResolver.Resolve(spec.Verify, names, Invalid);

        CheckKeyStays(spec, keys, issuers, Invalid);
        if (problems.Count > 0 || issuer is null)
        {
            return new PolicyResolution(null, problems);
        }

        return new PolicyResolution(
            new ResolvedPolicy
            {
                Provider = provider,
                Issuer = issuer,
                AcceptedServers = [.. issuers.Select(i => i!.Server.AbsoluteUri)],
                Names = names,
                Challenge = challenge,
                Solvers = solvers,
                KeyBackend = keys,
                KeyAlgorithm = algorithm,
                KeySize = size,
                Rotation = spec.Key?.Rotation ?? KeyBackendResolver.DefaultRotationOf(keys),
                SecretName = spec.SecretName,
                Template = spec.SecretTemplate ?? new SecretTemplate(),
                Outputs = spec.Outputs ?? [],
                RenewBefore = renewBefore,
                RenewBeforeText = spec.RenewBefore?.Trim(),
                RenewBeforePercentage = spec.RenewBeforePercentage ?? (issuer.RenewsItself && renewBefore is null ? SelfRenewedPercentage : null),
                Windows = windows,
                Deploy = deploy,
                Verification = verification,
                Cooldown = spec.CooldownSeconds is { } cooldown ? TimeSpan.FromSeconds(cooldown) : DefaultCooldown,
                Suspended = spec.Suspend ?? false,
                HistoryLimit = spec.HistoryLimit ?? DefaultHistoryLimit,
            }.WithRequestHash(),
            []);
    }

    private static List<string> CheckNames(PolicySpec spec, IReadOnlyList<CertificateProviderKind> candidates, CertificateRenewalSettings? settings, Action<string> invalid)
    {
        IReadOnlyList<string> given = [spec.Hostname, .. spec.AdditionalNames ?? []];
        var errors = given.Select((name, i) => HostnameRules.Check(name, NameField(i), HostnameOptions.CertificateName)).OfType<string>().ToList();
        if (errors.Count == 0)
        {
            errors.AddRange(HostnameRules.CheckSet(spec.Hostname, spec.AdditionalNames));
        }

        errors.ForEach(e => invalid(Sentences.Of(e)));
        if (errors.Count > 0)
        {
            return [];
        }

        var names = given.Select(HostnameRules.Normalise).ToList();
        var profile = AcmeIssuerResolver.ProfileOf(spec, CertificateProviderKind.LetsEncrypt, settings);
        for (var i = 0; i < names.Count; i++)
        {
            var field = NameField(i);
            if (names[i].StartsWith("*.", StringComparison.Ordinal) && candidates.Any(c => ProviderRules.ChallengeFor(c, spec.Challenge) == ChallengeKind.Http01))
            {
                invalid($"{field}: {names[i]} is a wildcard, which a CA issues only after dns-01, and spec.challenge is http-01. Set spec.challenge: dns-01 and add a solver to CertificateRenewalSettings default, or list the names one by one in spec.additionalNames.");
            }

            if (candidates.Contains(CertificateProviderKind.LetsEncrypt) && profile != "shortlived" && IPAddress.TryParse(names[i], out _))
            {
                invalid($"{field}: {names[i]} is an IP address, which Let's Encrypt issues for only in its profile shortlived. Set {AcmeIssuerResolver.FieldOf(spec, CertificateProviderKind.LetsEncrypt)}.profile: shortlived, or use a DNS name.");
            }
        }

        return names;
    }

    /// <summary>A Secret's type cannot be changed, so that a key that stays elsewhere and one that does not need Secrets of their own.</summary>
    private static void CheckKeyStays(PolicySpec spec, ResolvedKeyBackend? keys, IReadOnlyList<ResolvedIssuer?> issuers, Action<string> invalid)
    {
        var stay = issuers.OfType<ResolvedIssuer>().Select(i => keys?.KeyStays ?? i.KeyStays).Distinct().ToList();
        if (stay.Count > 1)
        {
            invalid("spec.allowedProviders: some of these providers keep the private key and others do not, so they cannot take turns at one Secret. Allow only providers of one kind.");
        }

        if (stay is [true] && spec.Outputs is { Count: > 0 })
        {
            invalid($"spec.outputs: the private key never leaves {(keys is null ? "the provider" : "the key backend")}, so there is no other form of it. Remove spec.outputs.");
        }

        if (stay is [true] && spec.Deploy?.Targets is { Count: > 0 })
        {
            invalid($"spec.deploy.targets: the private key never leaves {(keys is null ? "the provider" : "the key backend")}, so no target can get it. Remove spec.deploy.targets, or {(keys is null ? "choose a provider that gives the key out" : "use key backend local")}.");
        }

        if (keys is not null && issuers.OfType<ResolvedIssuer>().FirstOrDefault(i => i.Provider is CertificateProviderKind.AwsAcm or CertificateProviderKind.GcpCm) is { } issuer)
        {
            invalid($"spec.keyBackend: provider {LabelNames<CertificateProviderKind>.Of(issuer.Provider)} makes the private key itself. Remove spec.keyBackend, or choose a provider that signs requests.");
        }

        if (spec.Challenge == ChallengeKind.None && issuers.OfType<ResolvedIssuer>().Any(i => ProviderRules.IsAcme(i.Provider)))
        {
            invalid("spec.challenge: an ACME server issues nothing without proof of control, and spec.challenge is none. Choose http-01 or dns-01.");
        }
    }

    private static string NameField(int index) => index == 0 ? "spec.hostname" : $"spec.additionalNames[{index - 1}]";

    private static void CheckKey(PrivateKeyAlgorithm algorithm, int size, Action<string> invalid)
    {
        var (name, sizes) = algorithm == PrivateKeyAlgorithm.Ecdsa ? ("ECDSA", new[] { 256, 384 }) : ("RSA", new[] { 2048, 3072, 4096 });
        if (!sizes.Contains(size))
        {
            invalid($"spec.key.size: {size} is no size of an {name} key. Use one of {string.Join(", ", sizes)}, or leave it out.");
        }
    }

    private static TimeSpan? CheckRenewal(PolicySpec spec, string field, Action<string> invalid)
    {
        if (spec.RenewBefore is not null && spec.RenewBeforePercentage is not null)
        {
            invalid("spec.renewBefore and spec.renewBeforePercentage are both set. Keep one of them.");
        }

        if (spec.RenewBeforePercentage is < 1 or > 99)
        {
            invalid($"spec.renewBeforePercentage: {spec.RenewBeforePercentage} is not between 1 and 99.");
        }

        if (spec.RenewBefore is null)
        {
            return null;
        }

        if (!KubernetesDuration.TryParse(spec.RenewBefore, out var renewBefore, out var error))
        {
            invalid(Sentences.Of($"{field}: {error}"));
            return null;
        }

        return renewBefore;
    }
}

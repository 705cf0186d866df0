using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Rules;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Operator.Runs;

namespace CertOperator.Operator.Pacing;

/// <summary>
/// Decides whether a policy may ask its CA for a certificate now: cooldown per hostname, pauses that a CA asked for, and budgets. What was
/// issued stands in the policies' status and what is under way in the runs', so a restart forgets nothing; only the moment between
/// the decision and the run is bridged in memory.
/// </summary>
public sealed class IssuanceGate(ResourceStores stores) : ITermMemory
{
    /// <summary>A CA's wait that concerns one name may be days long; no limit on an account is longer than this.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(3);

    private readonly Lock _lock = new();
    private readonly HashSet<string> _reserved = new(StringComparer.Ordinal);

    /// <summary>Values under which a policy is found by what it draws on.</summary>
    public static IEnumerable<string> IndexOf(CertificateRenewalPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        IReadOnlyList<string> names = [policy.Spec.Hostname, .. policy.Spec.AdditionalNames ?? []];
        return RegisteredDomain.Of(names).Select(DomainKey).Append(HostnameKey(policy.Spec.Hostname)).Append(NamesKey(names));
    }

    /// <summary>Null when the run may begin now; then its place is taken until <see cref="Release"/> or until the run is seen.</summary>
    /// <param name="policy">Who asks.</param>
    /// <param name="resolved">What it asks for.</param>
    /// <param name="reason">Why the certificate is wanted.</param>
    /// <param name="cooldown">False while there is no run yet that could be seen to wait.</param>
    /// <param name="now">The time.</param>
    public IssuanceWait? TryEnter(CertificateRenewalPolicy policy, ResolvedPolicy resolved, string? reason, bool cooldown, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(resolved);
        lock (_lock)
        {
            var wait = Wait(policy, resolved, reason, cooldown, now);
            if (wait is null)
            {
                _reserved.Add(policy.Metadata.Uid!);
            }

            return wait;
        }
    }

    /// <summary>What <see cref="TryEnter"/> would say, without taking a place.</summary>
    public IssuanceWait? Find(CertificateRenewalPolicy policy, ResolvedPolicy resolved, string? reason, bool cooldown, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(resolved);
        lock (_lock)
        {
            return Wait(policy, resolved, reason, cooldown, now);
        }
    }

    /// <summary>The run was not made after all, or has ended.</summary>
    public void Release(string policyUid)
    {
        lock (_lock)
        {
            _reserved.Remove(policyUid);
        }
    }

    /// <summary>Forgets what this process decided in an earlier term.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            _reserved.Clear();
        }
    }

    private IssuanceWait? Wait(CertificateRenewalPolicy policy, ResolvedPolicy resolved, string? reason, bool cooldown, DateTimeOffset now)
        => (cooldown ? Cooldown(policy, resolved, reason, now) : null) ?? Paused(policy, resolved, now) ?? Budgets(policy, resolved, now);

    /// <summary>The least time between two certificates of one CA for one hostname, whoever asks. It never lets a certificate expire, and does not keep a wrong one in use.</summary>
    private IssuanceWait? Cooldown(CertificateRenewalPolicy policy, ResolvedPolicy resolved, string? reason, DateTimeOffset now)
    {
        if (resolved.Cooldown <= TimeSpan.Zero || (RenewalNeeds.CannotWait(reason) && (policy.Status?.Fingerprint is not null || !RenewalNeeds.IsRestorable(reason))))
        {
            return null;
        }

        var last = stores.Policies.ByIndex(PolicyIndexes.Issuance, HostnameKey(resolved.Names[0]))
            .Where(p => p.Metadata.Uid == policy.Metadata.Uid || IssuerResolver.ServerOf(p, stores.SettingsOf(p.Metadata.Namespace!)) == resolved.Issuer.Server)
            .SelectMany(p => IssuedTo(p).Select(t => (Time: t, Policy: p)))
            .OrderByDescending(i => i.Time)
            .FirstOrDefault();
        var until = last.Time + resolved.Cooldown;
        if (last.Policy is null || until <= now || policy.Status?.NotAfter <= until)
        {
            return null;
        }

        var whose = last.Policy.Metadata.Uid == policy.Metadata.Uid ? ""
            : last.Policy.Metadata.Namespace == policy.Metadata.Namespace ? $" to policy {last.Policy.Metadata.Name}"
            : " to a policy of another namespace";
        return new IssuanceWait(
            until,
            until,
            PacingReasons.Cooldown,
            string.Create(CultureInfo.InvariantCulture, $"A certificate for {resolved.Names[0]} was issued at {last.Time:yyyy-MM-dd HH:mm:ss} UTC{whose}; spec.cooldownSeconds ({resolved.Cooldown.TotalSeconds:0}) keeps the next one until {until:yyyy-MM-dd HH:mm:ss} UTC."));
    }

    /// <summary>A CA that answers 429 means the account, unless the wait is so long that it can only mean a name.</summary>
    private IssuanceWait? Paused(CertificateRenewalPolicy policy, ResolvedPolicy resolved, DateTimeOffset now)
    {
        var @namespace = policy.Metadata.Namespace!;
        var settings = stores.SettingsOf(@namespace);
        var paused = stores.Runs.ByIndex(RunIndexes.RateLimited, @namespace)
            .Where(r => r.Spec.PolicyRef.Name != policy.Metadata.Name && r.Status?.RetryAt > now)
            .Select(r => (Run: r, Until: Earlier(r.Status!.RetryAt!.Value, (r.Status.FinishedAt ?? now) + LongestPause)))
            .Where(p => p.Until > now && stores.Policies.Get(new NamespacedName(@namespace, p.Run.Spec.PolicyRef.Name)) is { } other
                && IssuerResolver.AccountSecretOf(other, settings) == AccountOf(resolved) && IssuerResolver.ServerOf(other, settings) == resolved.Issuer.Server)
            .OrderByDescending(p => p.Until)
            .FirstOrDefault();
        return paused.Run is null
            ? null
            : new IssuanceWait(
                paused.Until,
                paused.Until,
                PacingReasons.AccountPaused,
                string.Create(CultureInfo.InvariantCulture, $"{resolved.Issuer.PlaceName} asked {(AccountOf(resolved) is null ? "its callers" : "this ACME account")} to wait when run {paused.Run.Metadata.Name} placed its order; it is asked again at {paused.Until:yyyy-MM-dd HH:mm:ss} UTC."));
    }

    private IssuanceWait? Budgets(CertificateRenewalPolicy policy, ResolvedPolicy resolved, DateTimeOffset now)
    {
        var settings = stores.SettingsOf(policy.Metadata.Namespace!);
        var limits = IssuanceLimits.For(resolved.Issuer.Server, settings?.Spec.Budgets);
        if (limits.IsUnlimited)
        {
            return null;
        }

        var renewal = policy.Status?.NotAfter is not null && policy.Status.ObservedGeneration == policy.Metadata.Generation;
        IssuanceWait? wait = null;
        if (limits.PerDomain is { } perDomain && (perDomain.CountsRenewals || !renewal))
        {
            foreach (var domain in RegisteredDomain.Of(resolved.Names))
            {
                wait = Later(wait, Check(perDomain, $"certificates for {domain}", DomainKey(domain), policy, resolved, now));
            }
        }

        if (limits.PerNames is { } perNames)
        {
            wait = Later(wait, Check(perNames, "certificates for exactly these names", NamesKey(resolved.Names), policy, resolved, now));
        }

        if (limits.OrdersPerAccount is { } perAccount && AccountOf(resolved) is { } account)
        {
            var claims = stores.Policies.ByIndex(PolicyIndexes.Namespace, policy.Metadata.Namespace!)
                .Where(p => p.Metadata.Uid == policy.Metadata.Uid || IssuerResolver.AccountSecretOf(p, settings) == account)
                .Select(p => Claim(p, OrdersOf(p), now))
                .ToList();
            wait = Later(wait, Check(perAccount, $"orders of the account in Secret {account}", claims, policy, now));
        }

        return limits.FailedValidations is { } failures ? Later(wait, Failed(failures, policy, resolved, now)) : wait;
    }

    private IssuanceWait? Check(IssuanceLimit limit, string what, string key, CertificateRenewalPolicy policy, ResolvedPolicy resolved, DateTimeOffset now)
    {
        var server = resolved.Issuer.Server;
        var claims = stores.Policies.ByIndex(PolicyIndexes.Issuance, key)
            .Where(p => p.Metadata.Uid == policy.Metadata.Uid || IssuerResolver.ServerOf(p, stores.SettingsOf(p.Metadata.Namespace!)) == server)
            .Select(p => Claim(p, IssuedTo(p), now))
            .ToList();
        return Check(limit, what, claims, policy, now);
    }

    private IssuanceWait? Check(IssuanceLimit limit, string what, List<BudgetClaim> claims, CertificateRenewalPolicy policy, DateTimeOffset now)
        => BudgetRules.Check(limit, what, claims, claims.Find(c => c.Uid == policy.Metadata.Uid) ?? Claim(policy, [], now), now);

    /// <summary>What the policy remembers, and runs that ended since it was last written.</summary>
    private DateTimeOffset[] IssuedTo(CertificateRenewalPolicy policy)
        => [.. RunsOf(policy).Select(RunTally.Issued).OfType<DateTimeOffset>().Union(policy.Status?.RecentIssuances ?? [])];

    private BudgetClaim Claim(CertificateRenewalPolicy policy, IReadOnlyList<DateTimeOffset> times, DateTimeOffset now)
    {
        var status = policy.Status;
        var due = policy.Spec.Suspend != true && (status?.NotAfter is null || status.RenewalTime <= now) && !(status?.NextAttemptTime > now && status.LastFinishedRun is not null);
        return new BudgetClaim(policy.Metadata.Uid!, policy.Metadata.Namespace!, times, IsUnderWay(policy), due);
    }

    private bool IsUnderWay(CertificateRenewalPolicy policy)
        => _reserved.Contains(policy.Metadata.Uid!)
        || RunsOf(policy).Any(r => r.Status?.Phase == RunPhase.Running);

    /// <summary>Without dry runs: they order elsewhere, if at all.</summary>
    private IEnumerable<CertificateRenewalRun> RunsOf(CertificateRenewalPolicy policy)
        => stores.Runs.ByIndex(RunIndexes.Policy, RunIndexes.PolicyKey(policy.Metadata.Namespace!, policy.Metadata.Name)).Where(r => !RunModes.IsDry(r));

    private DateTimeOffset[] OrdersOf(CertificateRenewalPolicy policy)
        => [.. RunsOf(policy).SelectMany(RunTally.Orders).Union(policy.Status?.RecentOrders ?? [])];

    private IssuanceWait? Failed(IssuanceLimit limit, CertificateRenewalPolicy policy, ResolvedPolicy resolved, DateTimeOffset now)
    {
        var times = stores.Policies.ByIndex(PolicyIndexes.Issuance, HostnameKey(resolved.Names[0]))
            .SelectMany(p => RunsOf(p).Select(RunTally.FailedValidation).OfType<DateTimeOffset>().Union(p.Status?.RecentFailedValidations ?? []))
            .ToList();
        var claim = new BudgetClaim(policy.Metadata.Uid!, policy.Metadata.Namespace!, times, false, true);
        return BudgetRules.Check(limit, $"failed validations of {resolved.Names[0]}", [claim], claim, now);
    }

    private static string? AccountOf(ResolvedPolicy resolved) => (resolved.Issuer as ResolvedAcmeIssuer)?.AccountSecretName;

    private static string DomainKey(string domain) => "domain " + domain;

    private static string HostnameKey(string hostname) => "host " + hostname.ToLowerInvariant();

    private static string NamesKey(IEnumerable<string> names)
        => "names " + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', names.Select(n => n.ToLowerInvariant()).Order(StringComparer.Ordinal)))))[..16];

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private static IssuanceWait? Later(IssuanceWait? a, IssuanceWait? b) => a is null || b?.Until > a.Until ? b : a;
}

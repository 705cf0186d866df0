using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Pacing;
using CertOperator.Operator.Runs;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Policies;

/// <summary>Makes runs, each exactly once and only when there is a place for it.</summary>
public sealed partial class RunLauncher(RunMaker maker, RunAdmission admission, IssuanceGate gate, WorkQueue<NamespacedName> policies, ILogger<RunLauncher> logger)
{
    /// <summary>A batch that makes a run for the same policy at this instant is done by then.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    private readonly FairTurns _turns = new();

    /// <summary>Whether another run may start now.</summary>
    public bool HasPlace => admission.HasPlace;

    /// <summary>
    /// Why a scheduled run must not be made yet: thousands that wait for a budget would only fill the cluster. Then null means that the
    /// policy has its share; a run that a person asks for is made in any case and waits itself, where they can see it.
    /// </summary>
    public IssuanceWait? WaitOf(CertificateRenewalPolicy policy, ResolvedPolicy resolved, PolicyDecision.Start start, DateTimeOffset now)
    {
        if (start is not { Trigger: RunTrigger.Scheduled, Mode: RunMode.Live, Rollback: null })
        {
            return null;
        }

        var key = NamespacedName.Of(policy);
        var wait = gate.TryEnter(policy, resolved, start.Need.Reason, cooldown: false, now);
        if (wait is { Reason: PacingReasons.FairShare })
        {
            _turns.Wait(key);
        }
        else if (wait is null)
        {
            foreach (var next in _turns.After(key.Namespace))
            {
                policies.Add(next);
            }
        }

        return wait;
    }

    /// <summary>A policy without a run draws on nothing.</summary>
    public void Release(CertificateRenewalPolicy policy) => gate.Release(policy.Metadata.Uid!);

    /// <param name="policy">The policy.</param>
    /// <param name="provider">The provider to ask.</param>
    /// <param name="status">The policy's status with every finished run accounted for.</param>
    /// <param name="start">What run to make.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The run; null while no place is free: the policy is put back into its queue when there is one.</returns>
    public async Task<CertificateRenewalRun?> LaunchAsync(CertificateRenewalPolicy policy, CertificateProviderKind? provider, PolicyStatus status, PolicyDecision.Start start, CancellationToken cancellationToken)
    {
        var key = NamespacedName.Of(policy);
        var request = start.Request
            ?? (start.Rollback?.Request is { } rollback ? $"rollback/{rollback}" : null)
            ?? (start.TakeOver is { } pair ? $"take-over/{pair.Secret}" : null)
            ?? (start.Mode == RunMode.DryRun ? $"dry-run/{policy.Metadata.Generation}/{start.Need.Reason}/{status.LastDryRun?.Name}" : null);
        var name = new NamespacedName(key.Namespace, Naming.Run(key.Name, policy.Metadata.Uid!, status.LastRun, status.LastFinishedRun?.FinishedAt, request));
        if (!admission.TryEnter(name, () => policies.Add(key)))
        {
            gate.Release(policy.Metadata.Uid!);
            return null;
        }

        var inProgress = false;
        try
        {
            var chosen = provider == ProviderChoice.PrimaryOf(policy.Spec) ? null : provider;
            var spec = new RunSpec { PolicyRef = new PolicyReference { Name = policy.Metadata.Name }, Mode = start.Mode, Trigger = start.Trigger, Provider = chosen };
            var run = await maker.MakeAsync(RunTemplate.For(policy, name.Name, spec, start.Need.Reason, start.Request, start.Rollback, start.TakeOver), cancellationToken);
            if (run is null)
            {
                policies.AddAfter(key, Moment);
                return null;
            }

            if (run.Metadata.Name == name.Name)
            {
                inProgress = !RunStateMachine.IsFinal(run.Status?.Phase);
                LogStarted(name.Namespace, policy.Metadata.Name, name.Name, start.Trigger, start.Need.Message);
            }

            return run;
        }
        finally
        {
            if (!inProgress)
            {
                admission.Leave(name);
            }
        }
    }

    /// <summary>Lets a run go on that waits for what must not wait.</summary>
    public async Task HastenAsync(CertificateRenewalRun run, RenewalNeed need, CancellationToken cancellationToken)
    {
        await maker.HastenAsync(run, need.Reason, cancellationToken);
        LogHastened(run.Metadata.Namespace!, run.Spec.PolicyRef.Name, run.Metadata.Name, need.Message);
    }

    /// <summary>Tells a run that it is to take over a pair, in place of the one that it works for.</summary>
    public async Task HandOverAsync(CertificateRenewalRun run, TakeoverOrder order, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(order);
        if (!PolicyTakeover.IsFor(run, order.Secret))
        {
            await maker.HandOverAsync(run, order, cancellationToken);
        }
    }

    [LoggerMessage(2, LogLevel.Information, "Policy {Namespace}/{Policy}: run {Run} waits no longer: {Why}")]
    private partial void LogHastened(string @namespace, string policy, string run, string why);

    [LoggerMessage(1, LogLevel.Information, "Policy {Namespace}/{Policy}: run {Run} is started, trigger {Trigger}: {Why}")]
    private partial void LogStarted(string @namespace, string policy, string run, RunTrigger trigger, string why);
}

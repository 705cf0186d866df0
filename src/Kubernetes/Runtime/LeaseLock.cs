namespace CertOperator.Kubernetes;

/// <summary>
/// Single attempts to take, renew and release the Lease. Every write names the version that it replaces, so that of two
/// candidates one wins. Holds no state: an attempt that was given up and ends later changes nothing here.
/// </summary>
internal sealed class LeaseLock(IResourceClient<Lease> client, LeaderElectionOptions options, TimeProvider timeProvider)
{
    /// <param name="last">What the attempt before saw.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<LeaseAttempt> TryAcquireOrRenewAsync(LeaseObservation? last, CancellationToken cancellationToken)
    {
        if (last?.Holder == options.Identity)
        {
            try
            {
                return Held(await client.UpdateAsync(Renewed(last.Lease), cancellationToken));
            }
            catch (KubernetesException e) when (e is ConflictException or NotFoundException)
            {
                // The usual renewal is one request. Somebody touched the Lease, so it must be read again.
            }
        }

        Lease? lease = await client.FindAsync(options.Key, cancellationToken);
        try
        {
            if (lease is null)
            {
                return Held(await client.CreateAsync(New(), cancellationToken));
            }

            var seen = last is not null && last.IsSameRecord(lease)
                ? last with { Lease = lease }
                : new LeaseObservation(lease, timeProvider.GetTimestamp());
            if (!MayTake(seen))
            {
                return new LeaseAttempt(LeaseAttemptOutcome.HeldByOther, seen);
            }

            last = seen;
            return Held(await client.UpdateAsync(seen.Holder == options.Identity ? Renewed(lease) : Taken(lease), cancellationToken));
        }
        catch (KubernetesException e) when (e is ConflictException or AlreadyExistsException or NotFoundException)
        {
            // Somebody wrote between our read and our write.
            return new LeaseAttempt(LeaseAttemptOutcome.Failed, last);
        }
    }

    /// <summary>Gives the Lease back, if it is ours, so that another candidate need not wait for its end.</summary>
    /// <returns>Whether it was ours.</returns>
    public async Task<bool> ReleaseAsync(Lease? lease, CancellationToken cancellationToken)
    {
        while (lease?.Spec.HolderIdentity == options.Identity)
        {
            try
            {
                await client.UpdateAsync(Released(lease), cancellationToken);
                return true;
            }
            catch (ConflictException)
            {
                lease = await client.FindAsync(options.Key, cancellationToken);
            }
        }

        return false;
    }

    /// <summary>How long until a candidate may take the Lease from another holder; zero or less: now.</summary>
    public TimeSpan UntilExpiry(LeaseObservation seen) =>
        (seen.Duration ?? options.LeaseDuration) - timeProvider.GetElapsedTime(seen.Since);

    private bool MayTake(LeaseObservation seen) =>
        seen.Holder.Length == 0 || seen.Holder == options.Identity || UntilExpiry(seen) <= TimeSpan.Zero;

    private LeaseAttempt Held(Lease lease) =>
        new(LeaseAttemptOutcome.Held, new LeaseObservation(lease, timeProvider.GetTimestamp()));

    private Lease New() => new()
    {
        Metadata = new ObjectMeta { Name = options.LeaseName, Namespace = options.Namespace },
        Spec = Spec(timeProvider.GetUtcNow(), 0),
    };

    private Lease Taken(Lease lease) => With(lease, Spec(timeProvider.GetUtcNow(), (lease.Spec.LeaseTransitions ?? 0) + 1));

    private Lease Renewed(Lease lease)
    {
        LeaseSpec spec = Spec(lease.Spec.AcquireTime ?? timeProvider.GetUtcNow(), lease.Spec.LeaseTransitions ?? 0);
        return With(lease, spec);
    }

    private Lease Released(Lease lease)
    {
        LeaseSpec spec = Spec(timeProvider.GetUtcNow(), lease.Spec.LeaseTransitions ?? 0);
        spec.HolderIdentity = "";

        // The API wants a number above zero.
        spec.LeaseDurationSeconds = 1;
        return With(lease, spec);
    }

    private LeaseSpec Spec(DateTimeOffset acquired, int transitions) => new()
    {
        HolderIdentity = options.Identity,
        LeaseDurationSeconds = (int)options.LeaseDuration.TotalSeconds,
        AcquireTime = acquired,
        RenewTime = timeProvider.GetUtcNow(),
        LeaseTransitions = transitions,
    };

    private static Lease With(Lease lease, LeaseSpec spec)
    {
        spec.Strategy = lease.Spec.Strategy;
        spec.PreferredHolder = lease.Spec.PreferredHolder;
        return new Lease { Metadata = lease.Metadata, Spec = spec };
    }
}

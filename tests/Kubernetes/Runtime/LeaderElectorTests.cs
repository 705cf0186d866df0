using CertOperator.TestSupport;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Runtime;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(30_000)]
public sealed class LeaderElectorTests
{
    private static readonly NamespacedName Key = new("ns", "lease");
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);
    private readonly ManualTimeProvider _clock = new();
    private readonly FakeApi<Lease> _api = new(CoreResources.Leases);
    private readonly List<Candidate> _candidates = [];

    private static CancellationToken Ct => TestContext.CurrentContext.CancellationToken;

    private string? Holder => _api.Find(Key)?.Spec.HolderIdentity;

    [Test]
    public async Task The_first_candidate_creates_the_lease_and_renews_it_with_one_request_each_time()
    {
        await using var a = New("a");
        a.Start();
        await a.LeadsAsync();
        LeaseSpec first = _api.Find(Key)!.Spec;

        await AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.That((first.HolderIdentity, first.LeaseDurationSeconds, first.LeaseTransitions), Is.EqualTo(("a", 15, 0)));
        Lease renewed = _api.Find(Key)!;
        Assert.That(renewed.Spec.AcquireTime, Is.EqualTo(first.AcquireTime));
        Assert.That(renewed.Spec.RenewTime, Is.GreaterThan(first.RenewTime!.Value));
        Assert.That((a.Elector.IsLeader, a.Elector.CurrentLeader, a.Terms), Is.EqualTo((true, "a", 1)));
        Assert.That(a.Client.CallsOf("get"), Has.Count.EqualTo(1));
        Assert.That(a.Client.CallsOf("update"), Has.Count.InRange(20, 30));
    }

    [Test]
    public async Task A_second_candidate_waits_as_long_as_the_first_renews()
    {
        await using var a = New("a");
        await using var b = New("b");
        a.Start();
        await a.LeadsAsync();
        b.Start();

        await AdvanceAsync(TimeSpan.FromMinutes(2));

        Assert.That((b.Terms, b.Elector.IsLeader, b.Elector.CurrentLeader), Is.EqualTo((0, false, "a")));
    }

    [Test]
    public async Task When_the_leader_dies_the_other_leads_within_20_seconds_and_not_before_15_after_the_last_renewal()
    {
        await using var a = New("a");
        await using var b = New("b");
        a.Start();
        await a.LeadsAsync();
        b.Start();
        await AdvanceAsync(TimeSpan.FromSeconds(9));

        a.BeSilent();
        DateTimeOffset death = _clock.GetUtcNow();
        DateTimeOffset lastRenewal = _api.Find(Key)!.Spec.RenewTime!.Value;
        await AdvanceUntilAsync(() => Holder == "b");

        Assert.That(_clock.GetUtcNow() - death, Is.LessThanOrEqualTo(TimeSpan.FromSeconds(20)));
        Assert.That(_clock.GetUtcNow() - lastRenewal, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(15)));
        Assert.That(_api.Find(Key)!.Spec.LeaseTransitions, Is.EqualTo(1));
        Assert.That(a.Elector.IsLeader, Is.False);
    }

    [Test]
    public async Task A_renewal_that_hangs_counts_as_none_and_the_work_is_told_before_anyone_else_may_lead()
    {
        await using var a = New("a");
        a.Start();
        await a.LeadsAsync();
        DateTimeOffset lastRenewal = _api.Find(Key)!.Spec.RenewTime!.Value;

        a.BeSilent();
        await AdvanceUntilAsync(() => a.LostAt is not null);

        Assert.That(a.LostAt - lastRenewal, Is.LessThanOrEqualTo(TimeSpan.FromSeconds(10)));
        Assert.That(a.Elector.IsLeader, Is.False);
    }

    [Test]
    public async Task A_single_renewal_that_hangs_costs_nothing()
    {
        await using var a = New("a");
        a.Start();
        await a.LeadsAsync();

        a.Client.Before = Hang;
        await NextRenewalTimesOutAsync();
        a.Client.Before = (_, _) => Task.CompletedTask;
        await AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.That((a.Terms, a.LostAt), Is.EqualTo((1, (DateTimeOffset?)null)));
    }

    [Test]
    public async Task A_renewal_that_was_done_but_never_answered_does_not_end_the_term()
    {
        await using var a = New("a");
        a.Start();
        await a.LeadsAsync();

        a.Client.After = Hang;
        await NextRenewalTimesOutAsync();
        a.Client.After = (_, _) => Task.CompletedTask;
        await AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.That((a.Terms, a.LostAt, a.Elector.IsLeader), Is.EqualTo((1, (DateTimeOffset?)null, true)));
    }

    [Test]
    public async Task After_a_loss_it_competes_again()
    {
        await using var a = New("a");
        a.Start();
        await a.LeadsAsync();
        a.Client.Before = (_, _) => throw new KubernetesTransportException("connection refused");
        await AdvanceUntilAsync(() => a.LostAt is not null);

        a.Client.Before = (_, _) => Task.CompletedTask;
        await AdvanceUntilAsync(() => a.Terms == 2);

        Assert.That(a.Logger.Entries.Any(e => e.Level == LogLevel.Error && e.Message.Contains("Lost", StringComparison.Ordinal)));
    }

    [Test]
    public async Task A_lease_that_another_has_taken_ends_the_term_at_the_next_renewal()
    {
        await using var a = New("a");
        a.Start();
        await a.LeadsAsync();
        Lease lease = _api.Find(Key)!;
        lease.Spec.HolderIdentity = "thief";
        _api.Update(lease);
        DateTimeOffset taken = _clock.GetUtcNow();

        await AdvanceUntilAsync(() => a.Elector.CurrentLeader == "thief");

        Assert.That(_clock.GetUtcNow() - taken, Is.LessThan(TimeSpan.FromSeconds(3)));
        Assert.That(a.Elector.IsLeader, Is.False);
        await Eventually.TrueAsync(() => a.LostAt is not null, TimeSpan.FromSeconds(20), "the end of the term", Ct);
    }

    [TestCase(-3600, TestName = "The_leaders_clock_is_an_hour_behind")]
    [TestCase(3600, TestName = "The_leaders_clock_is_an_hour_ahead")]
    public async Task Times_in_the_lease_count_for_nothing(int skew)
    {
        _api.Create(new Lease
        {
            Metadata = new ObjectMeta { Name = "lease", Namespace = "ns" },
            Spec = new LeaseSpec { HolderIdentity = "other", LeaseDurationSeconds = 15, RenewTime = _clock.GetUtcNow().AddSeconds(skew) },
        });
        await using var a = New("a");
        DateTimeOffset start = _clock.GetUtcNow();
        a.Start();

        await AdvanceUntilAsync(() => Holder == "a");

        Assert.That(_clock.GetUtcNow() - start, Is.InRange(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(17)));
    }

    [Test]
    public async Task The_lease_is_given_back_only_after_the_work_has_ended_and_is_renewed_until_then()
    {
        await using var a = New("a", endsWhenAsked: false);
        await using var b = New("b");
        a.Start();
        await a.LeadsAsync();
        b.Start();

        Task run = a.StopAsync();
        await AdvanceAsync(TimeSpan.FromSeconds(40));
        Assert.That((_api.Find(Key)!.Spec.HolderIdentity, b.Terms, a.LostAt), Is.EqualTo(("a", 0, (DateTimeOffset?)null)));

        a.EndWork();
        await run.WaitAsync(Ct);
        LeaseSpec released = _api.Find(Key)!.Spec;
        DateTimeOffset given = _clock.GetUtcNow();
        await AdvanceUntilAsync(() => Holder == "b");

        Assert.That(released.HolderIdentity, Is.EqualTo("").Or.EqualTo("b"));
        Assert.That(_clock.GetUtcNow() - given, Is.LessThanOrEqualTo(TimeSpan.FromSeconds(3)));
    }

    [Test]
    public async Task A_candidate_that_never_led_leaves_the_lease_alone()
    {
        await using var a = New("a");
        await using var b = New("b");
        a.Start();
        await a.LeadsAsync();
        b.Start();
        await AdvanceAsync(TimeSpan.FromSeconds(5));

        await b.StopAsync().WaitAsync(Ct);

        Assert.That(_api.Find(Key)!.Spec.HolderIdentity, Is.EqualTo("a"));
    }

    [Test]
    public async Task When_the_server_does_not_answer_at_the_end_the_process_still_ends()
    {
        await using var a = New("a");
        a.Start();
        await a.LeadsAsync();
        a.BeSilent();

        Task run = a.StopAsync();
        await AdvanceUntilAsync(() => run.IsCompleted);

        Assert.That(a.Logger.Entries.Any(e => e.Message.Contains("could not be given back", StringComparison.Ordinal)));
    }

    [Test]
    public async Task Work_that_fails_gives_the_lease_back_and_the_failure_to_the_caller()
    {
        await using var a = New("a", failure: new InvalidOperationException("broken"));

        a.Start();

        Assert.That(() => a.Run.WaitAsync(Ct), Throws.InvalidOperationException);
        Assert.That(_api.Find(Key)!.Spec.HolderIdentity, Is.Empty);
    }

    [Test]
    public async Task Work_that_goes_on_after_the_loss_is_reported()
    {
        await using var a = New("a", endsWhenAsked: false);
        a.Start();
        await a.LeadsAsync();
        a.BeSilent();

        await AdvanceUntilAsync(() => a.Logger.Entries.Any(e => e.Level == LogLevel.Critical));

        a.EndWork();
    }

    [TestCase(15, 15, 2)]
    [TestCase(15, 3, 2)]
    [TestCase(15, 10, 0)]
    public void Times_that_cannot_work_are_refused(int duration, int deadline, int retry)
    {
        var options = new LeaderElectionOptions
        {
            LeaseName = "lease",
            Namespace = "ns",
            Identity = "a",
            LeaseDuration = TimeSpan.FromSeconds(duration),
            RenewDeadline = TimeSpan.FromSeconds(deadline),
            RetryPeriod = TimeSpan.FromSeconds(retry),
        };
        var client = new FakeResource<Lease>(_api, _clock);

        Assert.That(() => new LeaderElector(client, options, _clock, new Random(1), new RecordingLogger()), Throws.InstanceOf<ArgumentException>());
    }

    [Test]
    public async Task Whatever_fails_and_hangs_there_are_never_two_leaders([Range(1, 4)] int seed)
    {
        var random = new Random(seed);
        var leaders = new Leaders();
        Candidate[] candidates = [.. "abc".Select(name => new Candidate($"{name}", _api, _clock) { Leaders = leaders })];
        foreach (Candidate candidate in candidates)
        {
            candidate.Start();
        }

        for (int i = 0; i < 500; i++)
        {
            if (random.Next(10) == 0)
            {
                Candidate candidate = candidates[random.Next(candidates.Length)];
                Func<string, CancellationToken, Task> fault = random.Next(4) switch
                {
                    0 => Hang,
                    1 => HangDeaf,
                    2 => (_, _) => throw new KubernetesTransportException("connection refused"),
                    _ => (_, _) => Task.CompletedTask,
                };
                if (random.Next(2) == 0)
                {
                    candidate.Client.Before = fault;
                }
                else
                {
                    candidate.Client.After = fault;
                }
            }

            if (random.Next(3) == 0)
            {
                await Steps.SettleAsync(Ct);
            }

            _clock.Advance(TimeSpan.FromMilliseconds(random.Next(700)));
        }

        foreach (Candidate candidate in candidates)
        {
            candidate.Client.Before = candidate.Client.After = (_, _) => Task.CompletedTask;
        }

        int terms = leaders.Terms;
        await AdvanceUntilAsync(() => leaders.Count == 1);
        foreach (Candidate candidate in candidates)
        {
            await candidate.DisposeAsync();
        }

        Assert.That(leaders.Collisions, Is.Empty);
        Assert.That(terms, Is.GreaterThan(1), "the test must have seen changes of the leader");
    }

    private static Task Hang(string verb, CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

    private static Task HangDeaf(string verb, CancellationToken cancellationToken) => new TaskCompletionSource().Task;

    private Candidate New(string name, bool endsWhenAsked = true, Exception? failure = null)
    {
        var candidate = new Candidate(name, _api, _clock) { EndsWhenAsked = endsWhenAsked, Failure = failure };
        _candidates.Add(candidate);
        return candidate;
    }

    /// <summary>After two seconds a leader renews; it gives up after five. Then it waits for the next time, besides watching its deadline.</summary>
    private async Task NextRenewalTimesOutAsync()
    {
        _clock.Advance(TimeSpan.FromSeconds(2));
        await _clock.WaitForTimersAsync(2, Ct);
        _clock.Advance(TimeSpan.FromSeconds(5));
        await _clock.WaitForTimersAsync(2, Ct);
    }

    private async Task AdvanceAsync(TimeSpan by)
    {
        DateTimeOffset end = _clock.GetUtcNow() + by;
        await AdvanceUntilAsync(() => _clock.GetUtcNow() >= end);
    }

    /// <summary>Moves the clock, but not away from candidates who had no chance to run on a busy machine.</summary>
    private async Task AdvanceUntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Steps.SettleAsync(Ct);
            _clock.Advance(Step);
            for (int i = 0; i < 40 && _candidates.Exists(c => c.IsLate(_clock.GetUtcNow())); i++)
            {
                await Steps.SettleAsync(Ct);
            }
        }
    }

    /// <summary>Who leads, kept in the same moment in which the terms' tokens change.</summary>
    private sealed class Leaders
    {
        private readonly Lock _lock = new();
        private readonly HashSet<string> _now = [];
        private readonly List<string> _collisions = [];

        public int Count
        {
            get
            {
                lock (_lock)
                {
                    return _now.Count;
                }
            }
        }

        public int Terms { get; private set; }

        public IReadOnlyList<string> Collisions => _collisions;

        public void Begin(string name, CancellationToken lost)
        {
            lock (_lock)
            {
                if (lost.IsCancellationRequested)
                {
                    return;
                }

                Terms++;
                _now.Add(name);
                if (_now.Count > 1)
                {
                    _collisions.Add(string.Join(" and ", _now));
                }
            }
        }

        public void End(string name)
        {
            lock (_lock)
            {
                _now.Remove(name);
            }
        }
    }

    /// <summary>A process that wants to lead.</summary>
    private sealed class Candidate : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _leads = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualTimeProvider _clock;
        private readonly string _name;
        private int _terms;

        public Candidate(string name, FakeApi<Lease> api, ManualTimeProvider clock)
        {
            _name = name;
            _clock = clock;
            Client = new FakeResource<Lease>(api, clock);
            var options = new LeaderElectionOptions { LeaseName = "lease", Namespace = "ns", Identity = name };
            Elector = new LeaderElector(Client, options, clock, new Random(name[0]), Logger);
        }

        public FakeResource<Lease> Client { get; }

        public RecordingLogger Logger { get; } = new();

        public LeaderElector Elector { get; }

        public Leaders Leaders { get; init; } = new();

        public bool IsSilent { get; set; }

        public bool EndsWhenAsked { get; init; } = true;

        public Exception? Failure { get; init; }

        public Task Run { get; private set; } = Task.CompletedTask;

        public int Terms => Volatile.Read(ref _terms);

        public DateTimeOffset? LostAt { get; private set; }

        public void Start() => Run = Elector.RunAsync(LeadAsync, _stop.Token);

        public void BeSilent()
        {
            IsSilent = true;
            Client.Before = Hang;
        }

        /// <summary>Whoever is alive makes a request at least every 2.4 s.</summary>
        public bool IsLate(DateTimeOffset now) =>
            !IsSilent && !Run.IsCompleted && now - Client.LastCallAt > TimeSpan.FromSeconds(2.5);

        public Task LeadsAsync() => _leads.Task.WaitAsync(Ct);

        public void EndWork() => _end.TrySetResult();

        public Task StopAsync()
        {
            _stop.Cancel();
            return Run;
        }

        public async ValueTask DisposeAsync()
        {
            EndWork();
            Client.Before = Client.After = (_, _) => Task.CompletedTask;
            await _stop.CancelAsync();
            await Steps.AdvanceUntilAsync(_clock, Step, () => Run.IsCompleted, Ct);
            _stop.Dispose();
        }

        private async Task LeadAsync(LeadershipTerm term)
        {
            if (Failure is not null)
            {
                throw Failure;
            }

            // Runs inside the cancellation, so that the end is known at its exact time.
            using CancellationTokenRegistration lost = term.Lost.UnsafeRegister(
                _ =>
                {
                    LostAt = _clock.GetUtcNow();
                    Leaders.End(_name);
                },
                null);
            Leaders.Begin(_name, term.Lost);
            Interlocked.Increment(ref _terms);
            _leads.TrySetResult();
            await _end.Task.WaitAsync(EndsWhenAsked ? term.Stopping : CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Leaders.End(_name);
        }
    }
}

using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Runtime;

/// <summary>What must hold whatever happens in whatever order.</summary>
[CancelAfter(60_000)]
public sealed class WorkQueueInvariantTests
{
    private static CancellationToken Ct => TestContext.CurrentContext.CancellationToken;

    [Test]
    public async Task Any_sequence_of_calls_gives_what_a_plain_model_gives([Range(1, 20)] int seed)
    {
        var random = new Random(seed);
        var clock = new ManualTimeProvider();
        var options = new WorkQueueOptions { BaseDelay = TimeSpan.FromSeconds(1), Jitter = 0 };
        using var queue = new WorkQueue<int>(options, clock, random);
        var model = new Model();
        for (int step = 0; step < 2000; step++)
        {
            int key = random.Next(12);
            var priority = (WorkPriority)random.Next(2);
            switch (random.Next(8))
            {
                case 0 or 1:
                    queue.Add(key, priority);
                    model.Add(key, priority);
                    break;
                case 2:
                    TimeSpan delay = TimeSpan.FromSeconds(random.Next(20));
                    queue.AddAfter(key, delay, priority);
                    model.AddAfter(key, delay, priority, clock.GetUtcNow());
                    break;
                case 3:
                    TimeSpan backoff = queue.AddRateLimited(key);
                    Assert.That(backoff, Is.EqualTo(model.AddRateLimited(key, clock.GetUtcNow())));
                    break;
                case 4:
                    queue.Forget(key);
                    model.Failures.Remove(key);
                    break;
                case 5 when model.Normal.Count + model.Low.Count > 0:
                    model.Took(await queue.GetAsync(Ct));
                    break;
                case 6 when model.Processing.Count > 0:
                    int done = model.Processing.ElementAt(random.Next(model.Processing.Count)).Key;
                    queue.Done(done);
                    model.Done(done);
                    break;
                default:
                    clock.Advance(TimeSpan.FromSeconds(random.Next(4)));
                    model.MoveDue(clock.GetUtcNow());
                    break;
            }

            Assert.That(
                (queue.Depth, queue.Delayed, queue.Processing, queue.NumRequeues(key)),
                Is.EqualTo((model.Normal.Count + model.Low.Count, model.Delayed.Count, model.Processing.Count, model.Failures.GetValueOrDefault(key))),
                $"after step {step}");
        }
    }

    [Test]
    public async Task With_many_threads_no_key_has_two_workers_and_no_add_is_lost()
    {
        const int Keys = 50;
        using var queue = new WorkQueue<int>(new WorkQueueOptions(), TimeProvider.System, new Random(1));
        int[] wanted = new int[Keys];
        int[] seen = new int[Keys];
        int[] workersOf = new int[Keys];
        int collisions = 0;
        Task[] workers = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(WorkAsync))];
        Task[] producers = [.. Enumerable.Range(0, 4).Select(p => Task.Run(() => Produce(new Random(p))))];

        await Task.WhenAll(producers);
        queue.ShutDown();
        await Task.WhenAll(workers);

        Assert.That(collisions, Is.Zero);
        Assert.That(seen, Is.EqualTo(wanted));

        void Produce(Random random)
        {
            for (int i = 0; i < 20_000; i++)
            {
                int key = random.Next(Keys);
                Interlocked.Increment(ref wanted[key]);
                queue.Add(key, (WorkPriority)random.Next(2));
            }
        }

        async Task WorkAsync()
        {
            while (true)
            {
                int key;
                try
                {
                    key = await queue.GetAsync(Ct);
                }
                catch (WorkQueueClosedException)
                {
                    return;
                }

                if (Interlocked.Increment(ref workersOf[key]) > 1)
                {
                    Interlocked.Increment(ref collisions);
                }

                seen[key] = Volatile.Read(ref wanted[key]);
                await Task.Yield();
                Interlocked.Decrement(ref workersOf[key]);
                queue.Done(key);
            }
        }
    }

    /// <summary>The same in the simplest way.</summary>
    private sealed class Model
    {
        private int _normalInARow;
        private int _sequence;

        public List<int> Normal { get; } = [];

        public List<int> Low { get; } = [];

        public Dictionary<int, WorkPriority?> Processing { get; } = [];

        public Dictionary<int, (DateTimeOffset Due, int Sequence, WorkPriority Priority)> Delayed { get; } = [];

        public Dictionary<int, int> Failures { get; } = [];

        public void Add(int key, WorkPriority priority)
        {
            if (Processing.TryGetValue(key, out WorkPriority? again))
            {
                Processing[key] = again == WorkPriority.Normal ? again : priority;
            }
            else if (priority == WorkPriority.Normal && !Normal.Contains(key))
            {
                Low.Remove(key);
                Normal.Add(key);
            }
            else if (!Normal.Contains(key) && !Low.Contains(key))
            {
                Low.Add(key);
            }
        }

        public void AddAfter(int key, TimeSpan delay, WorkPriority priority, DateTimeOffset now)
        {
            if (delay == TimeSpan.Zero)
            {
                Add(key, priority);
                return;
            }

            DateTimeOffset due = now + delay;
            int sequence = _sequence++;
            if (Delayed.TryGetValue(key, out var earlier))
            {
                due = earlier.Due < due ? earlier.Due : due;
                sequence = earlier.Sequence;
                priority = earlier.Priority < priority ? earlier.Priority : priority;
            }

            Delayed[key] = (due, sequence, priority);
        }

        public TimeSpan AddRateLimited(int key, DateTimeOffset now)
        {
            int failures = Failures[key] = Failures.GetValueOrDefault(key) + 1;
            var delay = TimeSpan.FromSeconds(Math.Min(1000, Math.Pow(2, failures - 1)));
            AddAfter(key, delay, WorkPriority.Normal, now);
            return delay;
        }

        public void Took(int key)
        {
            bool low = Low.Contains(key);
            Assert.That((low ? Low : Normal)[0], Is.EqualTo(key));
            Assert.That(low, Is.EqualTo(Low.Count > 0 && (Normal.Count == 0 || _normalInARow == 9)));
            _normalInARow = low || Low.Count == 0 ? 0 : _normalInARow + 1;
            (low ? Low : Normal).RemoveAt(0);
            Processing.Add(key, null);
        }

        public void Done(int key)
        {
            Processing.Remove(key, out WorkPriority? again);
            if (again is { } priority)
            {
                Add(key, priority);
            }
        }

        public void MoveDue(DateTimeOffset now)
        {
            foreach ((int key, var delayed) in Delayed.Where(d => d.Value.Due <= now).OrderBy(d => (d.Value.Due, d.Value.Sequence)).ToList())
            {
                Delayed.Remove(key);
                Add(key, delayed.Priority);
            }
        }
    }
}

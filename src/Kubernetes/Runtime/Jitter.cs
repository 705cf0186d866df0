namespace CertOperator.Kubernetes;

/// <summary>Random numbers for many threads. It locks the source itself, so that all who share one are safe together.</summary>
internal sealed class Jitter(Random random)
{
    /// <returns>At least 0, less than 1.</returns>
    public double Next()
    {
        lock (random)
        {
            return random.NextDouble();
        }
    }

    /// <returns>Evenly spread between the two.</returns>
    public TimeSpan Between(TimeSpan least, TimeSpan most) => least + ((most - least) * Next());
}

namespace CertOperator.EndToEnd.Harness;

/// <summary>How long tests wait at the most. Generous: a slow machine is no failure.</summary>
public static class Deadlines
{
    public static readonly TimeSpan Start = TimeSpan.FromSeconds(60);
    public static readonly TimeSpan Api = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan Run = TimeSpan.FromSeconds(60);
}

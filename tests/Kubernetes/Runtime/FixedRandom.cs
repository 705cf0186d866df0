namespace CertOperator.Kubernetes.Tests.Runtime;

/// <summary>Always the same number, so that a jittered time is known.</summary>
internal sealed class FixedRandom(double value = 0.5) : Random
{
    public override double NextDouble() => value;
}

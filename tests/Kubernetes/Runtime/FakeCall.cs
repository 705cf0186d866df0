namespace CertOperator.Kubernetes.Tests.Runtime;

/// <summary>A request that a <see cref="FakeResource{T}"/> got.</summary>
internal sealed record FakeCall(string Verb, string Target, string? ResourceVersion, string? Continue, DateTimeOffset At);

namespace CertOperator.Kubernetes;

/// <summary>More bytes came than are read.</summary>
internal sealed class AnswerTooLargeException(long limit) : IOException($"more than {limit} bytes");

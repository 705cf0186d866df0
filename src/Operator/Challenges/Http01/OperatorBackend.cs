namespace CertOperator.Operator.Challenges.Http01;

/// <summary>Operator pods that listen at one port.</summary>
/// <param name="AddressType">IPv4 or IPv6.</param>
/// <param name="Port">Where they answer challenges.</param>
/// <param name="Addresses">Their addresses.</param>
public sealed record OperatorBackend(string AddressType, int Port, IReadOnlyList<string> Addresses);

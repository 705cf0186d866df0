namespace CertOperator.Providers.Egress;

/// <summary>Why an address is not dialled.</summary>
/// <param name="Reason">Goes after "is": "a private address (RFC 1918)".</param>
/// <param name="CanBeAllowed">Whether --egress-allow can open it.</param>
public sealed record EgressRefusal(string Reason, bool CanBeAllowed);

using CertOperator.Kubernetes;

namespace CertOperator.Operator.Inventory;

/// <summary>What a list has shown.</summary>
/// <param name="Unmanaged">Secrets that no policy manages, as many as were wanted.</param>
/// <param name="Managed">How many a policy manages.</param>
/// <param name="LeftOut">How many more no policy manages.</param>
public sealed record SecretListing(IReadOnlyDictionary<NamespacedName, UnmanagedSecret> Unmanaged, int Managed, int LeftOut);

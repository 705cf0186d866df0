using System.Security.Cryptography;
using System.Text;

namespace CertOperator.Operator.Secrets.Sealing;

/// <summary>Where a private key belongs. A value that was sealed for one place opens at no other.</summary>
/// <param name="Namespace">Namespace of the policy.</param>
/// <param name="PolicyUid">UID of the policy.</param>
/// <param name="Slot">What the key is there for.</param>
public sealed record SealedPlace(string Namespace, string PolicyUid, string Slot)
{
    /// <summary>The key of a run in progress.</summary>
    public static SealedPlace Staged(string @namespace, string policyUid, string runUid) => new(@namespace, policyUid, $"staged {runUid}");

    /// <summary>The key of a pair that was replaced, bound to its certificate: so it need not be sealed again when an older one is pushed aside for it.</summary>
    public static SealedPlace Kept(string @namespace, string policyUid, byte[] certificate) => new(@namespace, policyUid, $"kept {Convert.ToHexStringLower(SHA256.HashData(certificate))}");

    /// <summary>None of the parts may hold a line break, so no two places have the same bytes.</summary>
    internal byte[] ToAssociatedData(string masterKey) => Encoding.UTF8.GetBytes($"certoperator sealed key v1\n{masterKey}\n{Namespace}\n{PolicyUid}\n{Slot}");
}

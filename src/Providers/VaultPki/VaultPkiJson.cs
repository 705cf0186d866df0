using System.Text.Json.Serialization;
using CertOperator.Providers.Vault;

namespace CertOperator.Providers.VaultPki;

/// <summary>A request to sign. Roles take the names from the request itself unless they are told not to; then they take these.</summary>
internal sealed record PkiSignRequest(string Csr, string? CommonName, string? AltNames, string? IpSans, string? Ttl, string Format);

internal sealed record PkiSigned(string? Certificate, string? IssuingCa, IReadOnlyList<string?>? CaChain);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PkiSignRequest))]
[JsonSerializable(typeof(VaultEnvelope<PkiSigned>))]
internal sealed partial class VaultPkiJsonContext : JsonSerializerContext;

using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Pki;
using CertOperator.Providers.Vault;

namespace CertOperator.Providers.VaultPki;

/// <summary>A role of a PKI engine: signs requests as far as it allows the names, the key and the lifetime.</summary>
internal sealed class VaultPkiRole(VaultClient vault, string mount, string role)
{
    private const int MaxCommonNameLength = 64;

    public string SignPath => $"{mount}/sign/{role}";

    public string RolePath => $"{mount}/roles/{role}";

    /// <param name="request">The CSR in DER.</param>
    /// <param name="names">DNS names and IP addresses, the hostname first.</param>
    /// <param name="durationSeconds">Lifetime; null for the role's.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The chain in PEM.</returns>
    public async Task<string> SignAsync(byte[] request, IReadOnlyList<string> names, int? durationSeconds, CancellationToken cancellationToken)
    {
        var addresses = names.Where(n => IPAddress.TryParse(n, out _)).ToList();
        var hosts = names.Except(addresses).ToList();
        var call = VaultCall.Write(
            SignPath,
            new PkiSignRequest(
                PemEncoding.WriteString("CERTIFICATE REQUEST", request),
                hosts.FirstOrDefault() is { Length: <= MaxCommonNameLength } host && host == names[0] ? host : null,
                hosts.Count == 0 ? null : string.Join(',', hosts),
                addresses.Count == 0 ? null : string.Join(',', addresses),
                durationSeconds is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"{seconds}s") : null,
                "pem"),
            VaultPkiJsonContext.Default.PkiSignRequest) with
        { Expected = [HttpStatusCode.BadRequest] };
        var answer = await vault.SendAsync(call, cancellationToken);
        if (answer.Status == HttpStatusCode.BadRequest)
        {
            throw new IssuanceException(
                IssuanceFailure.Failed,
                IssuanceReasons.SigningRequestRefused,
                $"{VaultFailures.Describe(vault.Server, call, answer)}. Change the names or spec.key of the policy, or what {RolePath} allows: allowed_domains, allow_subdomains, allow_bare_domains, allow_wildcard_certificates, allow_ip_sans, require_cn, key_type, max_ttl.");
        }

        var signed = vault.Read(call, answer, VaultPkiJsonContext.Default.VaultEnvelopePkiSigned);
        try
        {
            return VaultPkiChain.Assemble(signed.Certificate ?? "", [.. (signed.CaChain ?? []).Prepend(signed.IssuingCa).OfType<string>().Where(p => p.Length > 0)]);
        }
        catch (PkiException e)
        {
            throw new IssuanceException(
                e.Reason == PkiReasons.BrokenChain ? IssuanceFailure.NeedsManual : IssuanceFailure.Failed,
                e.Reason,
                $"{call} at {vault.Server.Address.Authority}: {e.Message} Give the PKI engine the whole chain of its CA: vault write {mount}/intermediate/set-signed certificate=@chain.pem",
                inner: e);
        }
    }
}

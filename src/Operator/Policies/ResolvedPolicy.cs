using System.Net;
using System.Security.Cryptography;
using System.Text;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Rules;
using CertOperator.Crds.Settings;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Providers.Probing;

namespace CertOperator.Operator.Policies;

/// <summary>A policy with the defaults of its namespace and of the operator filled in, checked and normalised.</summary>
public sealed record ResolvedPolicy
{
    public required CertificateProviderKind Provider { get; init; }

    public required ResolvedIssuer Issuer { get; init; }

    /// <summary>Servers of all providers that the policy allows: a certificate of any of them is good.</summary>
    public required IReadOnlyList<string> AcceptedServers { get; init; }

    /// <summary>DNS names and IP addresses, the hostname first.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    public required ChallengeKind Challenge { get; init; }

    /// <summary>Solvers by name, wildcards without their asterisk; a name that is not in it the operator answers for itself.</summary>
    public required IReadOnlyDictionary<string, SolverSpec> Solvers { get; init; }

    /// <summary>What makes and keeps the key; null where the operator makes it and the Secret holds it.</summary>
    public ResolvedKeyBackend? KeyBackend { get; init; }

    /// <summary>Whether the private key is where nobody can read it, so that the Secret holds a reference in its place.</summary>
    public bool KeyStays => KeyBackend?.KeyStays ?? Issuer.KeyStays;

    public required PrivateKeyAlgorithm KeyAlgorithm { get; init; }

    public required int KeySize { get; init; }

    public required KeyRotation Rotation { get; init; }

    public required string SecretName { get; init; }

    public required SecretTemplate Template { get; init; }

    public required IReadOnlyList<SecretOutput> Outputs { get; init; }

    public required TimeSpan? RenewBefore { get; init; }

    /// <summary>As it was written.</summary>
    public string? RenewBeforeText { get; init; }

    public required int? RenewBeforePercentage { get; init; }

    /// <summary>When renewals may start; empty means at any time.</summary>
    public required IReadOnlyList<RenewalWindow> Windows { get; init; }

    public required ResolvedDeploy Deploy { get; init; }

    public required ResolvedVerification Verification { get; init; }

    /// <summary>Least time between two certificates for the hostname.</summary>
    public required TimeSpan Cooldown { get; init; }

    public required bool Suspended { get; init; }

    public required int HistoryLimit { get; init; }

    /// <summary>Tells one request to the CA, and the place of its result, from another.</summary>
    public string RequestHash { get; private init; } = "";

    /// <summary>The key's algorithm in the terms of those who make keys.</summary>
    public Providers.Pki.KeyAlgorithm KeyKind => KeyAlgorithm == PrivateKeyAlgorithm.Ecdsa ? Providers.Pki.KeyAlgorithm.Ecdsa : Providers.Pki.KeyAlgorithm.Rsa;

    public IEnumerable<string> DnsNames => Names.Where(n => !IPAddress.TryParse(n, out _));

    public IEnumerable<IPAddress> Addresses => Names.Where(n => IPAddress.TryParse(n, out _)).Select(IPAddress.Parse);

    public ResolvedPolicy WithRequestHash()
        => this with
        {
            RequestHash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(
                '\n',
                [
                    .. Names, Issuer.Server.AbsoluteUri, .. Issuer.RequestParts, $"{KeyAlgorithm} {KeySize}", SecretName,
                    .. Challenge == ChallengeKind.Http01 ? Array.Empty<string>() : [Challenge.ToString()],
                    .. KeyBackend is null ? Array.Empty<string>() : [KeyBackend.Identity],
                ]))))[..16],
        };
}

/// <summary>Which endpoints are probed and how.</summary>
public sealed record ResolvedVerification
{
    /// <summary>Each once; none where nobody can reach them.</summary>
    public IReadOnlyList<EndpointAddress> Endpoints { get; init; } = [];

    public StartTlsProtocol? StartTls { get; init; }

    public string? ConnectTo { get; init; }

    public string? CaBundle { get; init; }

    /// <summary>How long a run waits for them.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>Whether a run that has waited in vain needs a person.</summary>
    public bool Required { get; init; }
}

/// <summary>Why a policy cannot work: a reason and a sentence that starts with the field and says what to change.</summary>
public sealed record PolicyProblem(string Reason, string Message);

/// <summary>A policy that can work, or all that is wrong with it.</summary>
public sealed record PolicyResolution(ResolvedPolicy? Policy, IReadOnlyList<PolicyProblem> Problems);

using CertOperator.Crds.Runs;
using CertOperator.Providers.Challenges;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.Gcp;

/// <summary>
/// Certificates that Google issues, keeps the key of, and renews by itself as long as the CNAME records of its DNS authorizations stand. A
/// run makes what is missing, waits for Google, and fetches the chain. Every resource has a name that follows from the policy, so
/// whatever an interrupted run has made is found again.
/// </summary>
public sealed class GcpManagedCertificates(GcpIdentities identities, EgressHttpClients clients) : ICertificateProvider
{
    private static readonly TimeSpan OperationGap = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ProvisioningGap = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan RenewalGap = TimeSpan.FromMinutes(30);

    public ProviderTraits Traits { get; } = new(PlacesOrders: true, ProvesControl: true, MakesKey: true);

    public async Task<string> PrepareAsync(IssuanceRequest request, CancellationToken cancellationToken)
    {
        var issuer = IssuerOf(request);
        var found = await Api(issuer).FindCertificateAsync(NameOf(issuer), cancellationToken);
        Require(issuer, request, found);
        return found is null
            ? $"{issuer.Access.Identity} may ask Certificate Manager in {issuer.Access.Parent}; there is no certificate {issuer.CertificateId} yet."
            : $"{issuer.Access.Identity} may ask Certificate Manager in {issuer.Access.Parent}; certificate {issuer.CertificateId} is {found.Managed!.State}.";
    }

    public Task<OrderPlacement> PlaceOrderAsync(IssuanceRequest request, bool mayExist, Func<string, bool> isTaken, CancellationToken cancellationToken)
        => AuthorizeAsync(request, cancellationToken);

    public async Task<OrderPlacement?> FindOrderAsync(IssuanceRequest request, string url, CancellationToken cancellationToken)
        => url == NameOf(IssuerOf(request)) ? await AuthorizeAsync(request, cancellationToken) : null;

    /// <summary>The records stand by now: Google may look.</summary>
    public async Task<IssuanceProgress> SolveAsync(IssuanceRequest request, OrderSession session, CancellationToken cancellationToken)
    {
        var issuer = IssuerOf(request);
        var api = Api(issuer);
        if (session.Operation is { } operation)
        {
            var state = await api.GetOperationAsync(operation, cancellationToken);
            if (state.Done != true)
            {
                return new IssuanceProgress.Pending(OperationGap, "Google Cloud makes the certificate.");
            }

            session.Operation = null;
            return state.Error is { } error ? throw GcpFailures.FromOperation(issuer.Access, $"certificate {issuer.CertificateId}", error) : new IssuanceProgress.Done("Google Cloud has been asked for the certificate.");
        }

        var found = await api.FindCertificateAsync(NameOf(issuer), cancellationToken);
        Require(issuer, request, found);
        if (found is not null)
        {
            return new IssuanceProgress.Done($"Certificate {issuer.CertificateId} is there and is {found.Managed!.State}.");
        }

        var wanted = new GcpCertificate
        {
            Description = $"Renewed for policy {request.Owner}",
            Labels = GcpNames.Labels,
            Managed = new GcpManagedCertificate
            {
                Domains = request.Names,
                DnsAuthorizations = [.. DomainsOf(request).Select(d => $"{issuer.Access.Parent}/dnsAuthorizations/{GcpNames.AuthorizationId(d)}")],
            },
        };
        session.Operation = (await api.CreateCertificateAsync(issuer.CertificateId, wanted, cancellationToken))?.Name;
        return new IssuanceProgress.Pending(TimeSpan.Zero, "Google Cloud makes the certificate.");
    }

    public async Task<IssuanceProgress> FinalizeAsync(IssuanceRequest request, OrderSession session, Func<CancellationToken, Task<byte[]>> createSigningRequest, CancellationToken cancellationToken)
    {
        var issuer = IssuerOf(request);
        var found = await Api(issuer).FindCertificateAsync(NameOf(issuer), cancellationToken);
        if (found is null)
        {
            return new IssuanceProgress.OrderGone($"Certificate {issuer.CertificateId} is gone from {issuer.Access.Parent}.");
        }

        Require(issuer, request, found);
        var managed = found.Managed!;
        if (managed.State != "ACTIVE" || found.PemCertificate is not { Length: > 0 } pem)
        {
            return managed.State == "FAILED" ? throw NotProvisioned(issuer, managed) : new IssuanceProgress.Pending(ProvisioningGap, $"Google has not issued certificate {issuer.CertificateId} yet. {Explain(managed)}".TrimEnd());
        }

        using var chain = CertificateChain.Parse(pem, PemLimits.Issued);
        // Nobody can make Google renew: whoever asks gets what there is, and only what is due is waited for.
        if (chain.Facts.Fingerprint == request.InUse && !request.IsAskedFor)
        {
            return new IssuanceProgress.Pending(RenewalGap, $"Google renews certificate {issuer.CertificateId} by itself, and still has the one in use, which is valid until {chain.Facts.NotAfter:yyyy-MM-dd HH:mm} UTC. {Explain(managed)}".TrimEnd());
        }

        var key = chain.Leaf.PublicKey.ExportSubjectPublicKeyInfo();
        return new IssuanceProgress.Issued(pem)
        {
            Key = new KeyReference { Place = KeyPlaces.GcpCm, Key = NameOf(issuer), PublicKeySha256 = KeyReference.Fingerprint(key) },
        };
    }

    /// <summary>What was made is good for the next run, and costs nothing while it has no certificate.</summary>
    public Task CancelAsync(IssuanceRequest request, RunOrder order, CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<IReadOnlyList<ProviderCheck>> CheckAsync(IssuanceRequest request, CancellationToken cancellationToken)
    {
        var issuer = IssuerOf(request);
        var rows = new List<ProviderCheck> { new("Authority", $"{issuer.Access.Parent}", true, await PrepareAsync(request, cancellationToken)) };
        foreach (var domain in DomainsOf(request))
        {
            var found = await Api(issuer).FindDnsAuthorizationAsync($"{issuer.Access.Parent}/dnsAuthorizations/{GcpNames.AuthorizationId(domain)}", cancellationToken);
            rows.Add(found?.DnsResourceRecord is { } record
                ? new ProviderCheck("Order", domain, true, $"There is a DNS authorization; a live run makes sure that {record.Name} points to {record.Data}.")
                : new ProviderCheck("Order", domain, null, "There is no DNS authorization yet; a live run makes one and the CNAME record that it asks for."));
        }

        return rows;
    }

    private static GcpIssuer IssuerOf(IssuanceRequest request) => (GcpIssuer)request.Issuer;

    private static string NameOf(GcpIssuer issuer) => $"{issuer.Access.Parent}/certificates/{issuer.CertificateId}";

    private static IEnumerable<string> DomainsOf(IssuanceRequest request) => request.Names.Select(GcpNames.AuthorizedDomain).Distinct(StringComparer.Ordinal);

    private CertificateManagerApi Api(GcpIssuer issuer) => new(issuer.Access, identities, clients);

    /// <summary>An authorization for each domain, and the records that prove control by it.</summary>
    private async Task<OrderPlacement> AuthorizeAsync(IssuanceRequest request, CancellationToken cancellationToken)
    {
        var issuer = IssuerOf(request);
        var api = Api(issuer);
        var challenges = new List<RunChallenge>();
        IssuanceProgress.Pending? pending = null;
        foreach (var domain in DomainsOf(request))
        {
            var id = GcpNames.AuthorizationId(domain);
            var name = $"{issuer.Access.Parent}/dnsAuthorizations/{id}";
            if (await api.FindDnsAuthorizationAsync(name, cancellationToken) is not { } authorization)
            {
                await api.CreateDnsAuthorizationAsync(id, new GcpDnsAuthorization { Domain = domain, Labels = GcpNames.Labels }, cancellationToken);
                pending = new IssuanceProgress.Pending(OperationGap, $"Google Cloud makes the DNS authorization for {domain}.");
            }
            else if (authorization.DnsResourceRecord is { Name: { Length: > 0 } record, Data: { Length: > 0 } target })
            {
                challenges.Add(new RunChallenge { Hostname = domain, Type = ProvidersRecords.GcpDns, AuthorizationUrl = name, Url = name, Token = record.TrimEnd('.'), KeyAuthorization = target.TrimEnd('.') });
            }
            else
            {
                pending = new IssuanceProgress.Pending(OperationGap, $"Google Cloud has not said yet which record proves control over {domain}.");
            }
        }

        return new OrderPlacement(new RunOrder { Url = NameOf(issuer), Challenges = pending is null ? challenges : null }, Pending: pending);
    }

    /// <summary>A certificate of that name that is another one must not be taken for this policy's.</summary>
    private static void Require(GcpIssuer issuer, IssuanceRequest request, GcpCertificate? found)
    {
        if (found is null)
        {
            return;
        }

        if (found.Managed is not { } managed)
        {
            throw new IssuanceException(IssuanceFailure.NeedsManual, GcpReasons.NameTaken, $"Certificate {NameOf(issuer)} is there, and is not one that Google issues. Name another in {issuer.Field}.certificate, or delete it.");
        }

        if (managed.Domains is { } domains && !new HashSet<string>(domains, StringComparer.OrdinalIgnoreCase).SetEquals(request.Names))
        {
            throw new IssuanceException(IssuanceFailure.NeedsManual, GcpReasons.NameTaken, $"Certificate {NameOf(issuer)} is for {string.Join(", ", domains)}, and the policy asks for {string.Join(", ", request.Names)}. The names of a managed certificate cannot be changed: name another in {issuer.Field}.certificate, or leave that field out.");
        }
    }

    private static IssuanceException NotProvisioned(GcpIssuer issuer, GcpManagedCertificate managed)
        => new(
            managed.ProvisioningIssue?.Reason == "RATE_LIMITED" ? IssuanceFailure.Failed : IssuanceFailure.NeedsManual,
            managed.ProvisioningIssue?.Reason == "RATE_LIMITED" ? IssuanceReasons.RateLimited : GcpReasons.NotProvisioned,
            $"Google could not issue certificate {issuer.CertificateId}. {Explain(managed)} Mend that, then resume the run; Google tries again by itself.");

    private static string Explain(GcpManagedCertificate managed)
    {
        var said = new List<string>();
        if (managed.ProvisioningIssue is { } issue)
        {
            said.Add($"{issue.Reason}: {GcpFailures.Excerpt(issue.Details ?? "")}");
        }

        foreach (var attempt in (managed.AuthorizationAttemptInfo ?? []).Where(a => a.State == "FAILED"))
        {
            var advice = attempt.FailureReason switch
            {
                "CAA" => "Allow pki.goog in the CAA records of the domain.",
                "CONFIG" => "Its CNAME record is not as Google wants it, or not seen yet.",
                "RATE_LIMITED" => "Too many certificates were asked for; Google waits.",
                _ => "",
            };
            said.Add($"{attempt.Domain}: {attempt.FailureReason}. {GcpFailures.Excerpt(attempt.Details ?? "")} {advice}".Replace(" .", "", StringComparison.Ordinal).TrimEnd());
        }

        return string.Join(" ", said);
    }
}

using System.Security.Cryptography;
using CertOperator.Crds.Runs;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Manual;

/// <summary>A person has the signing request signed and brings the certificate.</summary>
public sealed class ManualProvider : ICertificateProvider
{
    private const string Label = "CERTIFICATE REQUEST";

    public ProviderTraits Traits { get; } = new(PlacesOrders: false, ProvesControl: false, MakesKey: false);

    public Task<string> PrepareAsync(IssuanceRequest request, CancellationToken cancellationToken) => Task.FromResult("A person has the signing request signed; nothing has to be there before.");

    public Task<OrderPlacement> PlaceOrderAsync(IssuanceRequest request, bool mayExist, Func<string, bool> isTaken, CancellationToken cancellationToken) => throw NoOrders();

    public Task<OrderPlacement?> FindOrderAsync(IssuanceRequest request, string url, CancellationToken cancellationToken) => throw NoOrders();

    public Task<IssuanceProgress> SolveAsync(IssuanceRequest request, OrderSession session, CancellationToken cancellationToken) => throw NoOrders();

    public async Task<IssuanceProgress> FinalizeAsync(IssuanceRequest request, OrderSession session, Func<CancellationToken, Task<byte[]>> createSigningRequest, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(createSigningRequest);
        var signingRequest = await createSigningRequest(cancellationToken);
        return new IssuanceProgress.ByHand(PemEncoding.WriteString(Label, signingRequest) + "\n");
    }

    public Task CancelAsync(IssuanceRequest request, RunOrder order, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyList<ProviderCheck>> CheckAsync(IssuanceRequest request, CancellationToken cancellationToken)
        => Task.FromResult<IReadOnlyList<ProviderCheck>>([new ProviderCheck("Authority", null, null, "A live run makes a signing request and then needs a person, who has it signed and brings the certificate.")]);

    private static InvalidOperationException NoOrders() => new("A person takes no orders.");
}

/// <summary>A person.</summary>
public sealed record ManualIssuer : Issuer
{
    /// <summary>The same for all policies of a namespace: whoever signs is not known.</summary>
    public static Uri ByHandIn(string @namespace) => new($"manual://{@namespace}/by-hand");
}

using System.Net;
using CertOperator.Acme;
using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;
using CertOperator.Providers.Acme;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Pki;

namespace CertOperator.Benchmarks.Bare;

/// <summary>
/// The least that brings the same certificates: per certificate one straight sequence of the operator's requests through the
/// operator's own clients, as many sequences at once as the operator has runs in progress, and nothing that watches, queues,
/// decides or resumes.
/// </summary>
public sealed class BareLoop : IAsyncDisposable
{
    /// <summary>The operator's default --max-running. No worker limit on top: a sequence that waits for an answer holds nothing up.</summary>
    private const int InProgress = 64;

    private readonly ChallengeAnswers _answers;
    private readonly EgressHttpClients _http;
    private readonly KubernetesClient? _client;
    private readonly ClusterTrace? _trace;
    private readonly AccountSession _account;

    private BareLoop(ChallengeAnswers answers, EgressHttpClients http, KubernetesClient? client, ClusterTrace? trace, AccountSession account)
    {
        _answers = answers;
        _http = http;
        _client = client;
        _trace = trace;
        _account = account;
    }

    public static async Task<BareLoop> StartAsync(BareSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var time = TimeProvider.System;
        var observer = new NoObserver();
        var http = new EgressHttpClients(new EgressDialer(new EgressPolicy([IPNetwork.Parse("127.0.0.0/8")]), new SystemAddressResolver(), time), time);
        using var key = AccountKey.Create(AccountKeyAlgorithm.ES256);
        var account = await new AcmeAccounts(http, new AcmeClientOptions(), time, observer).SessionAsync(
            new AcmeIssuer
            {
                Server = new Uri(settings.Directory),
                Email = null,
                CaBundle = settings.CaPem,
                PreferredChain = null,
                Profile = null,
                AccountKeyPem = key.ToPkcs8Pem(),
                ExternalAccount = null,
            },
            cancellationToken);
        var client = settings.UseKubernetes ? new KubernetesClient(KubernetesClientConfiguration.Load(settings.Kubeconfig), time, observer) : null;
        var trace = client is null ? null : await ClusterTrace.StartAsync(client, settings, cancellationToken);
        return new BareLoop(await ChallengeAnswers.StartAsync(settings.HttpPort, cancellationToken), http, client, trace, account);
    }

    public Task RunAsync(string prefix, int count, CancellationToken cancellationToken)
        => Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = InProgress, CancellationToken = cancellationToken },
            async (i, ct) => await IssueAsync($"{prefix}-{i}", ct));

    public async ValueTask DisposeAsync()
    {
        await _answers.DisposeAsync();
        _client?.Dispose();
        _http.Dispose();
    }

    private async Task IssueAsync(string name, CancellationToken cancellationToken)
    {
        var host = $"{name}.bench.example.com";
        using var key = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
        var traced = _trace is null ? null : await _trace.BeginAsync(name, key, cancellationToken);

        var order = await _account.Account.NewOrderAsync(new NewOrderRequest { Identifiers = [AcmeIdentifier.Dns(host)] }, cancellationToken);
        var placed = await AcmeOrders.DescribeAsync(_account, order, ChallengeKind.Http01, cancellationToken);
        var challenge = placed.Challenges![0];
        if (traced is not null)
        {
            await traced.OrderPlacedAsync(placed, cancellationToken);
        }

        _answers.Add(challenge.Token, challenge.KeyAuthorization);
        await _account.Account.AnswerChallengeAsync(new Uri(challenge.Url), cancellationToken);
        order = await LeaveAsync(order, [OrderStatus.Pending], poll: 0, cancellationToken);
        order = await _account.Account.FinalizeAsync(order, CertificateSigningRequests.CreateDer(key, host, [host], []), cancellationToken);
        if (order.Status != OrderStatus.Valid)
        {
            order = await LeaveAsync(order, [OrderStatus.Ready, OrderStatus.Processing], poll: 0, cancellationToken);
        }

        var pem = (await _account.Account.DownloadCertificateAsync(order.Certificate!, cancellationToken)).Pem;
        _answers.Remove(challenge.Token);
        if (traced is not null)
        {
            await traced.IssuedAsync(key, pem, cancellationToken);
        }
    }

    /// <summary>Polls as the operator does.</summary>
    private async Task<AcmeOrder> LeaveAsync(AcmeOrder order, IReadOnlyList<OrderStatus> left, int poll, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(AcmePolling.Delay(poll++, order.RetryAfter), TimeProvider.System, cancellationToken);
            order = await _account.Account.GetOrderAsync(order.Url, cancellationToken);
            if (!left.Contains(order.Status))
            {
                return order;
            }
        }
    }

    private sealed class NoObserver : IKubernetesRequestObserver, IAcmeRequestObserver
    {
        void IAcmeRequestObserver.RequestCompleted(string host, string action, int status, TimeSpan elapsed)
        {
        }

        void IKubernetesRequestObserver.RequestCompleted(string verb, string resource, int code, TimeSpan duration)
        {
        }
    }
}

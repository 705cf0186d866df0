using System.Security.Cryptography;
using CertOperator.Acme;
using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;
using CertOperator.Operator.Authorities;
using CertOperator.Operator.Aws;
using CertOperator.Operator.Batches;
using CertOperator.Operator.Challenges;
using CertOperator.Operator.Challenges.Http01;
using CertOperator.Operator.Deployments;
using CertOperator.Operator.DryRuns;
using CertOperator.Operator.Hosting;
using CertOperator.Operator.Hosting.Access;
using CertOperator.Operator.Incidents;
using CertOperator.Operator.Inventory;
using CertOperator.Operator.Issuers;
using CertOperator.Operator.Keys;
using CertOperator.Operator.Options;
using CertOperator.Operator.Pacing;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Operator.Probing;
using CertOperator.Operator.Runs;
using CertOperator.Operator.Runs.Steps;
using CertOperator.Operator.Secrets;
using CertOperator.Operator.Secrets.Sealing;
using CertOperator.Operator.Slo;
using CertOperator.Operator.Telemetry;
using CertOperator.Providers.Acme;
using CertOperator.Providers.Dns;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Gcp;
using CertOperator.Providers.Http01;
using CertOperator.Providers.Incidents;
using CertOperator.Providers.Manual;
using CertOperator.Providers.PrivateCa;
using CertOperator.Providers.Probing;
using CertOperator.Providers.Vault;
using CertOperator.Providers.VaultPki;
using CertOperator.Providers.Webhooks;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator;

/// <summary>Puts the operator together, by hand so that the compiler checks it, and runs it.</summary>
public sealed class Composition : IAsyncDisposable
{
    private static readonly TimeSpan ShutdownReserve = TimeSpan.FromSeconds(5);

    /// <summary>They wait for other people's servers, most of the time.</summary>
    private const int IncidentWorkers = 16;

    /// <summary>A host that does not answer holds one up for five seconds.</summary>
    private const int ProbeWorkers = 16;

    /// <summary>One batch keeps one busy.</summary>
    private const int BatchWorkers = 4;

    private readonly KubernetesClient _client;
    private readonly EgressHttpClients _http;
    private readonly HttpClient _metadata;
    private readonly Http01SelfCheck _selfCheck;
    private readonly IncidentSinks _sinks;
    private readonly MasterKeys _masterKeys;
    private readonly Informers _informers;
    private readonly Leadership _leadership;
    private readonly LeaderElector? _elector;
    private readonly EventRecorder _events;
    private readonly HttpListeners _listeners;
    private readonly CertOperatorMetrics _metrics;

    public Composition(OperatorOptions options, KubernetesClientConfiguration configuration, TimeProvider time, ILoggerFactory loggers)
    {
        // Jitter only: nothing that has to be secret or repeatable.
#pragma warning disable CA5394
        var random = new Random();
#pragma warning restore CA5394
        _metrics = new CertOperatorMetrics(BuildInformation.Current, ControllerNames.Policy, ControllerNames.Run, ControllerNames.Incident, ControllerNames.Probe, ControllerNames.PrivateRoot, ControllerNames.Batch, ControllerNames.Rules);
        _client = new KubernetesClient(configuration, time, _metrics);
        _informers = new Informers(_client, options.Namespaces, time, random, loggers);
        _events = new EventRecorder(
            _client.Resource(CoreResources.Events),
            new EventRecorderOptions { ReportingController = "certoperator.io/operator", ReportingInstance = Environment.MachineName },
            time,
            random,
            loggers.CreateLogger<EventRecorder>());

        var egress = new EgressPolicy(options.EgressAllow);
        var addresses = new SystemAddressResolver();
        var dialer = new EgressDialer(egress, addresses, time);
        _http = new EgressHttpClients(dialer, time);
        var acmeAccounts = new AcmeAccounts(_http, new AcmeClientOptions { UserAgent = $"CertOperator/{BuildInformation.Current.Version}" }, time, _metrics);
        var acmeProvider = new AcmeCertificateProvider(acmeAccounts);

        var stores = _informers.Stores;
        var admission = new RunAdmission(options.MaxRunning);
        var gate = new IssuanceGate(stores);
        var queues = new Queues(time, random);
        _metrics.AddWorkQueue(ControllerNames.Policy, () => queues.Policies.Depth);
        _metrics.AddWorkQueue(ControllerNames.Run, () => queues.Runs.Depth);
        _metrics.AddWorkQueue(ControllerNames.Incident, () => queues.Incidents.Depth);
        _metrics.AddWorkQueue(ControllerNames.Probe, () => queues.Probes.Depth);
        _metrics.AddWorkQueue(ControllerNames.PrivateRoot, () => queues.PrivateRoots.Depth);
        _metrics.AddWorkQueue(ControllerNames.Batch, () => queues.Batches.Depth);
        _metrics.AddWorkQueue(ControllerNames.Rules, () => queues.Rules.Depth);
        _metrics.AddPolicies(new PolicyMetricsSource(stores));
        _metrics.AddIncidents(() => stores.Policies.List().Select(p => p.Status?.Incident).OfType<IncidentStatus>().Where(i => i.ResolvedAt is null).Select(i => i.Severity));
        _metrics.AddUndeliveredIncidents(() => stores.Policies.List().Select(p => p.Status?.Incident).OfType<IncidentStatus>().SelectMany(IncidentDeliveries.Undelivered));
        _metrics.AddBatches(() => stores.Batches.List().Select(b => b.Status?.Phase ?? BatchPhase.Planning));

        var target = new TargetSecretWriter(_client);
        _masterKeys = MasterKeys.Create(_client, options, addresses, time, loggers);
        var masterKeys = _masterKeys.Source;
        var state = new RenewalState(_client, masterKeys);
        var dns = new DnsClient(new DnsTransport(egress, time), () => (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1), time);
        var values = new SecretValues(_client);
        var solverCredentials = new SolverCredentials(values);
        IAddressResolver hosts = options.DnsResolvers.Count > 0 ? new DnsAddressResolver(new DnsLookup(dns, Resolvers(options).Resolvers)) : addresses;
        _selfCheck = new Http01SelfCheck(new EgressDialer(egress, hosts, time), options.Http01SelfCheckPort, time);
        var http01 = CreateHttp01Solvers(_client, options.Http01Service, _selfCheck);
        var solvers = new ChallengeSolvers(stores, solverCredentials, new Dns01Solvers(dns, Resolvers(options), addresses, _http, time), http01);
        var challenges = new ChallengeCleanUp(solvers);
        var secrets = new TargetSecrets(target, stores);
        var hold = new RunHold(_client, stores);
        var accounts = new AcmeCredentials(_client, values);
        var acme = new ProviderEntry(acmeProvider, accounts);
        var vaults = new VaultClients(_http, time);
        var vaultIdentities = new VaultIdentities(_client, values);
        var roots = new PrivateRootStore(_client, time);
        _metadata = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(5), MaxResponseContentBufferSize = 64 * 1024 };
        var googleIdentities = new GcpIdentities(_http, new GcpMetadataServer(_metadata, Environment.GetEnvironmentVariable(GcpMetadataServer.HostVariable)).TokenAsync, time);
        var google = new GcpCredentials(values, options.OwnCloudIdentity);
        var aws = new AwsServices(_http, values, options.OwnCloudIdentity, time);
        var providers = new ProviderRegistry(new Dictionary<CertificateProviderKind, ProviderEntry>
        {
            [CertificateProviderKind.Manual] = new(new ManualProvider(), new ManualCredentials()),
            [CertificateProviderKind.LetsEncrypt] = acme,
            [CertificateProviderKind.Acme] = acme,
            [CertificateProviderKind.VaultPki] = new(new VaultPkiProvider(vaults), new VaultPkiCredentials(vaultIdentities)),
            [CertificateProviderKind.PrivateCa] = new(new PrivateCaProvider(time), new PrivateCaCredentials(roots)),
            [CertificateProviderKind.GcpCm] = new(new GcpManagedCertificates(googleIdentities, _http), google),
            [CertificateProviderKind.AwsAcm] = aws.CertificateManager,
        });
        var backends = new KeyBackends(new Dictionary<Type, IKeyBackendSource>
        {
            [typeof(ResolvedVaultKeys)] = new VaultKeySource(vaultIdentities, vaults),
            [typeof(ResolvedAwsKms)] = aws.KmsKeys,
        });
        var targets = new DeployTargets(new Dictionary<Type, IDeployTargetSource>
        {
            [typeof(ResolvedAcmTarget)] = aws.Imports,
            [typeof(ResolvedGcpTarget)] = new GcpTargetSource(google, googleIdentities, _http),
        });
        var credentials = new PolicyCredentials(providers, backends, values, solverCredentials, http01, targets);
        var uploads = new TargetUploads(targets, target, stores.Runs, time);
        var prober = new TlsProber(dialer, time);
        var endpoints = new EndpointProber(prober, time);
        var workloads = new Workloads(_client);
        var staged = new StagedKeys(state, backends);
        var requests = new SigningRequestSecrets(_client);
        var orders = new OrderRegister(stores.Runs);
        var issuance = new IssuanceSteps(providers, staged, requests, orders, time);
        var presentation = new ChallengePresentation(solvers, hold, time);
        var challengeSteps = new ChallengeSteps(issuance, presentation, challenges, requests);
        var access = new AccessReviews(_client);
        var steps = new RunSteps(
            new PreparationSteps(new PreflightStep(issuance, credentials, secrets), new PrepareKeyStep(issuance, backends, state, target, stores.Runs)),
            issuance,
            challengeSteps,
            new StorageSteps(new StoreSecretStep(issuance, staged, target, credentials, secrets), new RollbackStep(state, target, credentials, secrets)),
            new DeliverySteps(new DeployStep(workloads, uploads, new WebhookSender(_http, time), credentials, time), new VerifyStep(endpoints, time)),
            new DryRunSteps(
                new AuthorityChecks(acmeProvider, accounts, providers, credentials, orders, stores),
                new NameChecks(new DnsLookup(dns, Resolvers(options).Resolvers)),
                new ScheduleChecks(gate),
                new StorageChecks(secrets, backends, providers, access),
                new Rehearsal(challengeSteps, presentation, acmeProvider, new StagingAccounts(), _selfCheck, time),
                new DeliveryChecks(new WorkloadChecks(workloads, access), new TargetChecks(targets, uploads), endpoints, prober, dialer, time)));
        var reporter = new RunReporter(_client, stores, _events, _metrics, loggers.CreateLogger<RunReporter>());
        var provided = new ProvidedPairs(target, staged, time);
        var abandonment = new RunAbandonment(_client, state, requests, target, time, loggers.CreateLogger<RunAbandonment>());
        var runs = new RunReconciler(
            new RunGatherer(_client, stores, admission, gate, queues.Runs),
            steps,
            reporter,
            new RunEnding(reporter, abandonment, challenges, hold, time),
            new RunReopener(_client, stores, provided, reporter, time),
            time,
            loggers.CreateLogger<RunReconciler>());

        var maker = new RunMaker(_client, stores);
        var interval = new SecretCheckInterval(options.SecretCheckInterval, () => stores.Policies.Count);
        var memories = new PolicyMemories(interval, () => stores.Policies.Count, gate, time);
        var policies = new PolicyReconciler(
            new PolicyGatherer(stores, secrets, state, credentials, provided, interval, time),
            new PolicyReporter(_client, stores, _events),
            new RunLauncher(maker, admission, gate, queues.Policies, loggers.CreateLogger<RunLauncher>()),
            new RenewalInfoPoller(acmeProvider, time, loggers.CreateLogger<RenewalInfoPoller>()),
            memories,
            time);
        var probes = new ProbeReconciler(stores, memories, endpoints, queues, time);

        _sinks = new IncidentSinks(_http, dialer, time);
        var incidents = new IncidentReconciler(
            stores,
            new IncidentDispatcher(new IncidentTargets(_client), _sinks, _metrics, time, loggers.CreateLogger<IncidentDispatcher>()),
            new IncidentReporter(_client, stores, _events, _metrics, time),
            time);

        var pages = new BatchPages(_client);
        var batchGatherer = new BatchGatherer(stores, pages, admission, gate);
        var batches = new BatchReconciler(
            batchGatherer,
            new BatchLauncher(_client, batchGatherer, maker, admission, gate, queues.Batches),
            new BatchReporter(_client, stores, pages, _events, loggers.CreateLogger<BatchReporter>()),
            time);

        var inventory = options.Inventory ? new SecretInventory(new SecretSurvey(_client, stores), options.Namespaces, options.InventoryInterval, time, random, loggers.CreateLogger<SecretInventory>()) : null;
        if (inventory is not null)
        {
            _metrics.AddInventory(inventory.Report);
        }

        var tokens = new ChangeSignal();
        Routing.Connect(_informers, queues, tokens);
        var drain = options.ShutdownTimeout > 2 * ShutdownReserve ? options.ShutdownTimeout - ShutdownReserve : options.ShutdownTimeout / 2;
        var observer = new ControllerMetrics(_metrics);
        var pulse = new Pulse(_metrics, time);
        _leadership = new Leadership(
            new LeadersWork([runs, memories, incidents, batches, admission, gate], queues, stores),
            [
                new Controller(new ControllerOptions { Name = ControllerNames.Policy, Workers = options.Workers, DrainTimeout = drain }, pulse.Through(queues.Policies, policies), queues.Policies, observer, time, loggers.CreateLogger<Controller>()),
                new Controller(new ControllerOptions { Name = ControllerNames.Run, Workers = Math.Max(options.Workers, options.MaxRunning), DrainTimeout = drain }, pulse.Through(queues.Runs, runs), queues.Runs, observer, time, loggers.CreateLogger<Controller>()),
                new Controller(new ControllerOptions { Name = ControllerNames.Incident, Workers = IncidentWorkers, DrainTimeout = drain }, incidents, queues.Incidents, observer, time, loggers.CreateLogger<Controller>()),
                new Controller(new ControllerOptions { Name = ControllerNames.Probe, Workers = ProbeWorkers, DrainTimeout = drain }, probes, queues.Probes, observer, time, loggers.CreateLogger<Controller>()),
                new Controller(new ControllerOptions { Name = ControllerNames.PrivateRoot, Workers = 1, DrainTimeout = drain }, new PrivateRootReconciler(roots, stores, _events, time, loggers.CreateLogger<PrivateRootReconciler>()), queues.PrivateRoots, observer, time, loggers.CreateLogger<Controller>()),
                new Controller(new ControllerOptions { Name = ControllerNames.Batch, Workers = BatchWorkers, DrainTimeout = drain }, batches, queues.Batches, observer, time, loggers.CreateLogger<Controller>()),
                .. options.PrometheusRules ? [new Controller(new ControllerOptions { Name = ControllerNames.Rules, Workers = 1, DrainTimeout = drain }, new WorkspaceRulesReconciler(_client, stores, queues, options.Namespaces, loggers.CreateLogger<WorkspaceRulesReconciler>()), queues.Rules, observer, time, loggers.CreateLogger<Controller>())] : Array.Empty<Controller>(),
            ],
            [
                new MasterKeyRotation(stores.Policies, state, masterKeys, _metrics, time, loggers.CreateLogger<MasterKeyRotation>()).RunAsync,
                .. inventory is not null ? [inventory.RunAsync] : Array.Empty<Func<CancellationToken, Task>>(),
            ],
            pulse,
            _metrics,
            time);
        _elector = options.LeaderElect ? CreateElector(options, time, random, loggers) : null;
        _listeners = new HttpListeners(
            options,
            new Http01Responder(token => Http01Answers.Find(stores.Runs, token), tokens, time),
            CreateServedMetrics(options, time, loggers),
            new HealthChecks([], [new HealthCheck("informers", NotListed), new HealthCheck("masterkeys", () => _masterKeys.Problem)]),
            loggers);
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await _listeners.StartAsync(cancellationToken);

        // Challenges are answered, and Events written, until the leader's work has ended.
        using var background = new CancellationTokenSource();
        var informing = _informers.RunAsync(background.Token);
        var recording = _events.RunAsync(background.Token);
        try
        {
            await _informers.WaitForSyncAsync(cancellationToken);
            await _masterKeys.WaitAsync(cancellationToken);
            if (_elector is null)
            {
                await _leadership.LeadAsync(new LeadershipTerm(cancellationToken, CancellationToken.None));
            }
            else
            {
                await _elector.RunAsync(_leadership.LeadAsync, cancellationToken);
            }
        }
        finally
        {
            await background.CancelAsync();
            await Task.WhenAll(informing, recording);
            using var closing = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await _listeners.StopAsync(closing.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _listeners.DisposeAsync();
        _sinks.Dispose();
        _masterKeys.Dispose();
        _selfCheck.Dispose();
        _http.Dispose();
        _metadata.Dispose();
        _client.Dispose();
    }

    private static Http01Solvers CreateHttp01Solvers(KubernetesClient client, NamespacedName? service, Http01SelfCheck selfCheck)
    {
        var objects = new ChallengeObjects(client);
        var slices = new EndpointSlices(client, objects);
        var backends = new OperatorBackends(slices, service);
        var route = new OperatorRoute(objects, slices, backends);
        return new Http01Solvers(objects, backends, route, new AnswerRemoval(objects, route), selfCheck);
    }

    private static DnsEnvironment Resolvers(OperatorOptions options)
        => new(
            [.. (options.DnsResolvers.Count > 0 ? options.DnsResolvers : SystemResolvers.Read()).Select(e => new DnsServer(e.Address.ToString(), e, Trusted: true))],
            options.DnsAuthoritativePort);

    private ServedMetrics CreateServedMetrics(OperatorOptions options, TimeProvider time, ILoggerFactory loggers)
        => new(
            _metrics.Registry,
            options.MetricsAuth || options.MetricsTlsCertFile is not null
                ? new ServingCertificate(options.MetricsTlsCertFile, options.MetricsTlsKeyFile, time, loggers.CreateLogger<ServingCertificate>())
                : null,
            options.MetricsAuth ? new ScraperAccess(_client, time, loggers.CreateLogger<ScraperAccess>()) : null,
            NotListed);

    private string? NotListed() => _informers.HasSynced ? null : "the API server has not listed all objects yet";

    private LeaderElector CreateElector(OperatorOptions options, TimeProvider time, Random random, ILoggerFactory loggers)
        => new(
            _client.Resource(CoreResources.Leases),
            new LeaderElectionOptions { LeaseName = options.LeaseName, Namespace = options.LeaseNamespace, Identity = $"{Environment.MachineName}_{Guid.NewGuid():N}" },
            time,
            random,
            loggers.CreateLogger<LeaderElector>());
}

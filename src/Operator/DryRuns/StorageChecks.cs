using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Issuers;
using CertOperator.Operator.Keys;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Operator.Runs;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Pki;

namespace CertOperator.Operator.DryRuns;

/// <summary>Whether a key can be made and the Secret be written.</summary>
public sealed class StorageChecks(TargetSecrets secrets, KeyBackends backends, ProviderRegistry providers, AccessReviews access)
{
    public async Task<IReadOnlyList<RunCheck>> MakeKeyAsync(RunContext context, CancellationToken cancellationToken)
        => providers.ProviderOf(context.Resolved.Provider).Traits.MakesKey ? []
            : context.Resolved.KeyBackend is { } backend ? await AskAsync(context, backend, cancellationToken)
            : [await MakeKeyAsync(context)];

    private async Task<IReadOnlyList<RunCheck>> AskAsync(RunContext context, ResolvedKeyBackend backend, CancellationToken cancellationToken)
    {
        IReadOnlyList<KeyPermission> permissions = [];
        var failure = await Checks.MakeAsync(StepName.PrepareKey, CheckNames.Key, backend.Identity, async () =>
        {
            var resolved = context.Resolved;
            var wish = new KeyWish(resolved.KeyKind, resolved.KeySize, resolved.Rotation == KeyRotation.Always, null);
            permissions = await (await backends.OpenAsync(context.Namespace, backend, cancellationToken)).CheckAsync(wish, cancellationToken);
            return CheckOutcome.Skipped("");
        });
        return permissions.Count == 0 ? [failure] : [.. permissions.Select(p => Checks.Row(StepName.PrepareKey, CheckNames.Permission, p.Permission, p.Granted switch
        {
            true => CheckOutcome.Passed(p.Evidence),
            false => CheckOutcome.Failed(p.Evidence),
            null => CheckOutcome.Skipped(p.Evidence),
        }))];
    }

    private static Task<RunCheck> MakeKeyAsync(RunContext context)
        => Checks.MakeAsync(StepName.PrepareKey, CheckNames.Key, null, () =>
        {
            var resolved = context.Resolved;
            using var key = PrivateKeyPair.Create(resolved.KeyKind, resolved.KeySize);
            var request = CertificateSigningRequests.CreateDer(key, resolved.DnsNames.FirstOrDefault(), [.. resolved.DnsNames], [.. resolved.Addresses]);
            return Task.FromResult(CheckOutcome.Passed($"A key {resolved.KeyAlgorithm.ToString().ToUpperInvariant()} {resolved.KeySize} was made, has signed a request of {request.Length} bytes for {resolved.Names.Count} name{(resolved.Names.Count == 1 ? "" : "s")}, and was thrown away."));
        });

    public async Task<IReadOnlyList<RunCheck>> MakeAsync(RunContext context, CancellationToken cancellationToken)
    {
        var name = context.Resolved.SecretName;
        return
        [
            await Checks.MakeAsync(StepName.StoreSecret, CheckNames.TargetSecret, name, () => SecretAsync(context, cancellationToken)),
            await Checks.MakeAsync(StepName.StoreSecret, CheckNames.Permission, $"secrets {name}", async () =>
                await access.MissingAsync(context.Namespace, "", "secrets", name, ["get", "create", "patch"], cancellationToken) is { Count: > 0 } missing
                    ? CheckOutcome.Failed($"The operator may not {string.Join(", ", missing)} secrets in namespace {context.Namespace}. Grant its service account these verbs there.")
                    : CheckOutcome.Passed($"The operator may get, create and patch secrets in namespace {context.Namespace}.")),
        ];
    }

    private async Task<CheckOutcome> SecretAsync(RunContext context, CancellationToken cancellationToken)
    {
        var finding = await secrets.InspectAsync(context.Policy, context.Resolved, cancellationToken);
        var outcome = Judge(finding);
        return finding.Leftovers is { Count: > 0 } keys ? CheckOutcome.Warning($"{outcome.Evidence} {SecretLeftovers.Describe(context.Resolved.SecretName, keys)}") : outcome;
    }

    private static CheckOutcome Judge(SecretFinding finding)
        => finding switch
        {
            SecretFinding.Untouchable untouchable => CheckOutcome.Failed(untouchable.Message),
            SecretFinding.Absent => CheckOutcome.Passed("It does not exist; a live run would create it."),
            SecretFinding.Defective defective => CheckOutcome.Passed($"{defective.Message} A live run would replace what it holds."),
            SecretFinding.Present { Certificate: var certificate } => CheckOutcome.Passed($"It holds certificate {certificate.Serial} of {certificate.Issuer}, valid until {certificate.NotAfter:yyyy-MM-dd HH:mm} UTC; a live run would replace it and keep it for a rollback."),
            var other => throw new InvalidOperationException($"Unknown finding {other.GetType().Name}."),
        };
}

using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.DryRuns;
using CertOperator.Operator.Secrets;
using CertOperator.Operator.Secrets.Sealing;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Pki;

namespace CertOperator.Operator.Runs.Steps;

/// <summary>Performs one step. The one place where step names lead to code and where errors become results.</summary>
public sealed class RunSteps(PreparationSteps preparation, IssuanceSteps issuance, ChallengeSteps challenges, StorageSteps storage, DeliverySteps delivery, DryRunSteps dryRun)
{
    public async Task<StepResult> ExecuteAsync(StepName step, RunContext context, CancellationToken cancellationToken)
    {
        try
        {
            if (context.IsDryRun)
            {
                return await dryRun.ExecuteAsync(step, context, cancellationToken);
            }

            if (step < StepName.StoreSecret && context.RollbackTo is not null)
            {
                return new StepResult.Skipped("Nothing is issued: an earlier pair is put back.");
            }

            return step switch
            {
                StepName.Preflight => await preparation.Preflight.ExecuteAsync(context, cancellationToken),
                StepName.PrepareKey => await preparation.Key.ExecuteAsync(context, cancellationToken),
                StepName.PlaceOrder => await challenges.PlaceOrderAsync(context, cancellationToken),
                StepName.SolveChallenges => await challenges.SolveAsync(context, cancellationToken),
                StepName.Finalize => await issuance.FinalizeAsync(context, cancellationToken),
                StepName.StoreSecret when context.RollbackTo is { } earlier => await storage.Rollback.ExecuteAsync(context, earlier, cancellationToken),
                StepName.StoreSecret => await storage.Store.ExecuteAsync(context, cancellationToken),
                StepName.Deploy => await delivery.Deploy.ExecuteAsync(context, cancellationToken),
                StepName.Verify => await delivery.Verify.ExecuteAsync(context, cancellationToken),
                StepName.CleanUp => await challenges.CleanUpAsync(context, cancellationToken),
                _ => throw new InvalidOperationException($"Unknown step {step}."),
            };
        }
        catch (IssuanceException e)
        {
            return IssuanceSteps.Refused(e, order: null);
        }
        catch (CredentialException e)
        {
            return new StepResult.Failed(Policies.PolicyReasons.MissingSecret, e.Message, null);
        }
        catch (MasterKeyException e)
        {
            return e.MayPass ? new StepResult.Transient(RunReasons.MasterKeyUnusable, e.Message, null) : new StepResult.Failed(RunReasons.MasterKeyUnusable, e.Message, null);
        }
        catch (KubernetesException e) when (e.NeedsMending)
        {
            // Whoever can mend it looks at the run, not at the operator's log.
            return new StepResult.Transient(RunReasons.ApiServerRefused, $"The API server refused a request: {e.Message}", null);
        }
        catch (PkiException e)
        {
            return new StepResult.Failed(e.Reason, e.Message, null);
        }
    }
}

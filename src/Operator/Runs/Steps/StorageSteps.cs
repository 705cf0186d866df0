namespace CertOperator.Operator.Runs.Steps;

/// <summary>The two ways to a new pair in the Secret: one that was issued, and one that was there before.</summary>
public sealed record StorageSteps(StoreSecretStep Store, RollbackStep Rollback);

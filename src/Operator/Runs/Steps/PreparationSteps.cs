namespace CertOperator.Operator.Runs.Steps;

/// <summary>The steps before the CA is asked for anything.</summary>
public sealed record PreparationSteps(PreflightStep Preflight, PrepareKeyStep Key);

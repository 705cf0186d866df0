namespace CertOperator.Operator.Runs.Steps;

/// <summary>The steps that bring the new pair into use and look whether it is.</summary>
public sealed record DeliverySteps(DeployStep Deploy, VerifyStep Verify);

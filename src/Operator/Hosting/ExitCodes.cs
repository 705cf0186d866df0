namespace CertOperator.Operator.Hosting;

/// <summary>What the process tells its caller.</summary>
public static class ExitCodes
{
    /// <summary>Ended as asked.</summary>
    public const int Ended = 0;

    public const int Failed = 1;

    public const int WrongOptions = 2;
}

namespace CertOperator.TestSupport;

/// <summary>Signals that tests send, by their number on Linux.</summary>
public enum ToolSignal
{
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

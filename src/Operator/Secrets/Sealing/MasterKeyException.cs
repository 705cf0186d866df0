namespace CertOperator.Operator.Secrets.Sealing;

/// <summary>Master keys cannot be read. The message says where and what to do, and quotes nothing of what was read.</summary>
public sealed class MasterKeyException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether it is worth trying again: nothing is wrong with what was read, or it may be mended elsewhere.</summary>
    public bool MayPass { get; init; }
}

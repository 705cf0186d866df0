namespace CertOperator.Operator;

/// <summary>Something that keeps in memory what holds for one term of leadership.</summary>
public interface ITermMemory
{
    /// <summary>Forgets it: meanwhile another replica may have led.</summary>
    void Reset();
}

using CertOperator.Crds.Runs;

namespace CertOperator.Operator.Runs;

/// <summary>Which of two runs came first. A run at work comes before one that waits: it must not be overtaken.</summary>
public static class RunOrdering
{
    public static bool IsBefore(CertificateRenewalRun a, CertificateRenewalRun b) => Compare(a, b) < 0;

    public static int Compare(CertificateRenewalRun a, CertificateRenewalRun b)
    {
        var working = (b.Status?.Phase == RunPhase.Running).CompareTo(a.Status?.Phase == RunPhase.Running);
        if (working != 0)
        {
            return working;
        }

        var created = Nullable.Compare(a.Metadata.CreationTimestamp, b.Metadata.CreationTimestamp);
        return created != 0 ? created : string.CompareOrdinal(a.Metadata.Name, b.Metadata.Name);
    }
}

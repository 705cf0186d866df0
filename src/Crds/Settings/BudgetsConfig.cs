using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Settings;

/// <summary>How many certificates a CA is asked for. A run that would go beyond a budget waits. What is not set here has Let's Encrypt's limits at Let's Encrypt, and none elsewhere.</summary>
public sealed record BudgetsConfig
{
    /// <summary>Orders with one ACME account. Let's Encrypt: 300 in 10800 seconds.</summary>
    public Budget? OrdersPerAccount { get; init; }

    /// <summary>Certificates with a name in one registered domain, over all namespaces. Let's Encrypt: 50 in 604800 seconds; renewals for the same names do not count there.</summary>
    public Budget? CertificatesPerDomain { get; init; }

    /// <summary>Certificates for exactly the same names, over all namespaces. Let's Encrypt: 5 in 604800 seconds.</summary>
    public Budget? CertificatesPerNames { get; init; }

    /// <summary>Failed validations of one hostname. Let's Encrypt: 5 in 3600 seconds.</summary>
    public Budget? FailedValidationsPerHostname { get; init; }
}

/// <summary>A number of events in a window of time that moves along.</summary>
public sealed record Budget
{
    [Required]
    [RangeMinimum(1)]
    [RangeMaximum(1000000)]
    public int Limit { get; init; }

    /// <summary>At most seven days: longer is not remembered.</summary>
    [Required]
    [RangeMinimum(60)]
    [RangeMaximum(604800)]
    public int WindowSeconds { get; init; }
}

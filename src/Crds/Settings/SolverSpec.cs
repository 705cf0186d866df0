using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Settings;

/// <summary>A way to answer challenges. A policy takes the one that it names in spec.solver; else the one with the most specific zone, else one whose labels match, else the first without a selector.</summary>
public sealed record SolverSpec
{
    /// <summary>What policies name the solver by in spec.solver.</summary>
    [Required]
    [Length(1, 63)]
    [Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
    public string Name { get; init; } = "";

    /// <summary>For which names the solver is taken where a policy names none. Without a selector it is taken where no other fits.</summary>
    public SolverSelector? Selector { get; init; }

    /// <summary>Answers http-01 over HTTP, at port 80 of the name.</summary>
    public Http01Spec? Http01 { get; init; }

    /// <summary>Answers dns-01 by a TXT record.</summary>
    public Dns01Spec? Dns01 { get; init; }
}

/// <summary>Which names and policies a solver is for. Where both fields are given, both must fit.</summary>
public sealed record SolverSelector
{
    /// <summary>The solver is for names in these zones, the zones' own names included. Of several solvers the one with the longest fitting zone is taken.</summary>
    [Items(1, 100)]
    [Length(1, 253)]
    public IReadOnlyList<string>? DnsZones { get; init; }

    /// <summary>The solver is for policies that carry all of these labels.</summary>
    [Items(1, 20)]
    public IReadOnlyDictionary<string, string>? MatchLabels { get; init; }
}

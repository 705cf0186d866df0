namespace CertOperator.Acme;

/// <summary>One part of a compound problem; <paramref name="Identifier"/> is the name it is about, when the CA says so.</summary>
public sealed record AcmeSubproblem(AcmeErrorKind Kind, string Type, string Detail, AcmeIdentifier? Identifier)
{
    public override string ToString() =>
        Identifier is null ? $"{ProblemTypes.ShortName(Type)}: {Detail}" : $"{Identifier.Value}: {ProblemTypes.ShortName(Type)}: {Detail}";
}

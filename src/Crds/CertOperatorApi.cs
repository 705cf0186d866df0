namespace CertOperator.Crds;

/// <summary>Names that the API of this operator is made of: its group and version, labels, annotations and Secret keys.</summary>
public static class CertOperatorApi
{
    public const string Group = "certoperator.io";
    public const string Version = "v1alpha1";
    public const string ApiVersion = Group + "/" + Version;
    public const string Category = "certoperator";

    /// <summary>Field manager of everything that is applied, and the reporting controller of Events.</summary>
    public const string FieldManager = "certoperator";
}

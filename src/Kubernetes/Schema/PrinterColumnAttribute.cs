namespace CertOperator.Kubernetes.Schema;

/// <summary>
/// One column of <c>kubectl get</c>. Columns appear in the order of the attributes; an entity that names any column
/// loses the server's own <c>Age</c> and has to name that too.
/// </summary>
/// <param name="name">Heading.</param>
/// <param name="type">OpenAPI type: <c>string</c>, <c>integer</c>, <c>number</c>, <c>boolean</c> or <c>date</c>.</param>
/// <param name="jsonPath">Simple path such as <c>.status.phase</c>.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false, AllowMultiple = true)]
public sealed class PrinterColumnAttribute(string name, string type, string jsonPath) : Attribute
{
    public string Name { get; } = name;

    public string Type { get; } = type;

    public string JsonPath { get; } = jsonPath;

    /// <summary>0 is always shown, anything higher only with <c>-o wide</c>.</summary>
    public int Priority { get; init; }

    public string? Description { get; init; }

    public string? Format { get; init; }
}

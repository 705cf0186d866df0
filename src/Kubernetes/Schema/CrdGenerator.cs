using System.Reflection;

namespace CertOperator.Kubernetes.Schema;

/// <summary>Turns an entity class into the CustomResourceDefinition that an API server (1.20 or later) accepts.</summary>
public static class CrdGenerator
{
    /// <summary>Generates the definitions of entities, by name, with the doc comments of their assemblies.</summary>
    /// <exception cref="SchemaException">A class, or a type that it reaches, has no structural schema.</exception>
    public static IEnumerable<CustomResourceDefinition> GenerateAll(IReadOnlyList<Type> entities)
    {
        ArgumentNullException.ThrowIfNull(entities);
        var docs = XmlDocumentation.ForAssemblies(entities.Select(t => t.Assembly).Append(typeof(Condition).Assembly));
        return entities.Select(t => Generate(t, docs)).OrderBy(d => d.Metadata.Name, StringComparer.Ordinal);
    }

    /// <summary>Generates the definition of one entity.</summary>
    /// <param name="entity">A class with <see cref="KubernetesEntityAttribute"/>.</param>
    /// <param name="docs">Where descriptions come from.</param>
    /// <exception cref="SchemaException">The class, or a type that it reaches, has no structural schema.</exception>
    public static CustomResourceDefinition Generate(Type entity, XmlDocumentation docs)
    {
        ArgumentNullException.ThrowIfNull(entity);
        ArgumentNullException.ThrowIfNull(docs);
        var names = entity.GetCustomAttribute<KubernetesEntityAttribute>()
            ?? throw new SchemaException($"{entity.FullName} has no [KubernetesEntity] attribute.");
        var schema = new SchemaBuilder(docs).Entity(entity);
        var version = new CustomResourceDefinitionVersion
        {
            Name = names.Version,
            Schema = new CustomResourceValidation { OpenAPIV3Schema = schema },
            Subresources = schema.Properties!.ContainsKey("status")
                ? new CustomResourceSubresources { Status = [] }
                : null,
            AdditionalPrinterColumns = Columns(entity),
        };
        return new CustomResourceDefinition
        {
            Metadata = new ObjectMeta { Name = $"{names.Plural}.{names.Group}" },
            Spec = new CustomResourceDefinitionSpec
            {
                Group = names.Group,
                Names = new CustomResourceDefinitionNames
                {
                    Kind = names.Kind,
                    ListKind = names.Kind + "List",
                    Plural = names.Plural,
                    Singular = names.Singular ?? names.Kind.ToLowerInvariant(),
                    ShortNames = names.ShortNames is [] ? null : [.. names.ShortNames],
                    Categories = names.Categories is [] ? null : [.. names.Categories],
                },
                Scope = (entity.GetCustomAttribute<EntityScopeAttribute>()?.Scope ?? EntityScope.Namespaced).ToString(),
                Versions = [version],
            },
        };
    }

    private static List<CustomResourceColumn>? Columns(Type entity)
    {
        var columns = entity.GetCustomAttributes<PrinterColumnAttribute>()
            .Select(c => new CustomResourceColumn
            {
                Name = c.Name,
                Type = c.Type,
                Format = c.Format,
                Description = c.Description,
                Priority = c.Priority == 0 ? null : c.Priority,
                JsonPath = c.JsonPath,
            })
            .ToList();
        return columns is [] ? null : columns;
    }
}

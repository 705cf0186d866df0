using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace CertOperator.Kubernetes.Schema;

/// <summary>Walks the properties of a type in the way System.Text.Json writes them.</summary>
internal sealed class SchemaBuilder(XmlDocumentation docs)
{
    /// <summary>The types from the entity down to the one in hand: a structural schema cannot refer to itself.</summary>
    private readonly Stack<Type> _path = new();

    /// <summary>The schema of a whole object; the server adds metadata's own schema, so that one stays bare.</summary>
    public JsonSchema Entity(Type entity)
    {
        var schema = Object(entity);
        schema.Description ??= TypeText(entity);
        schema.Properties!["apiVersion"] = new JsonSchema
        {
            Type = "string",
            Description = "Group and version of the schema of this object.",
        };
        schema.Properties["kind"] = new JsonSchema { Type = "string", Description = "Kind of this object." };
        schema.Properties["metadata"] = new JsonSchema { Type = "object", Properties = OnlyName(entity) };
        return schema;
    }

    /// <summary>Of metadata a schema may say what names and generated names are allowed, and nothing else.</summary>
    private static SortedDictionary<string, JsonSchema>? OnlyName(Type entity)
        => entity.GetCustomAttribute<KubernetesEntityAttribute>()?.OnlyName is { } name
            ? new(StringComparer.Ordinal) { ["name"] = new JsonSchema { Type = "string", Enum = [name] } }
            : null;

    private JsonSchema Object(Type type)
    {
        if (_path.Contains(type))
        {
            var chain = string.Join(" -> ", _path.Reverse().Append(type).Select(t => t.Name));
            throw new SchemaException($"{chain} is recursive; a structural schema cannot be. Flatten it, or use [PreserveUnknownFields].");
        }

        _path.Push(type);
        var schema = new JsonSchema { Type = "object", Properties = new SortedDictionary<string, JsonSchema>(StringComparer.Ordinal) };
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetIndexParameters().Length > 0
                || property.GetCustomAttribute<JsonIgnoreAttribute>() is { Condition: JsonIgnoreCondition.Always })
            {
                continue;
            }

            var name = JsonName(property);
            if (!schema.Properties.TryAdd(name, Property(property)))
            {
                throw new SchemaException($"{type.Name} has two properties with the JSON name '{name}'.");
            }

            if (property.IsDefined(typeof(RequiredAttribute)) || property.IsDefined(typeof(RequiredMemberAttribute)))
            {
                (schema.Required ??= []).Add(name);
            }
        }

        schema.Required?.Sort(StringComparer.Ordinal);
        _path.Pop();
        return schema;
    }

    private JsonSchema Property(PropertyInfo property)
    {
        JsonSchema schema;
        if (_path.Count == 1 && property.Name is nameof(IKubernetesObject.ApiVersion) or nameof(IKubernetesObject.Kind) or nameof(IKubernetesObject.Metadata)
            && typeof(IKubernetesObject).IsAssignableFrom(_path.Peek()))
        {
            return new JsonSchema(); // Entity() fills these in.
        }

        if (property.IsDefined(typeof(PreserveUnknownFieldsAttribute)))
        {
            schema = new JsonSchema { Type = "object", PreserveUnknownFields = true };
        }
        else if (property.IsDefined(typeof(IntOrStringAttribute)))
        {
            schema = new JsonSchema { IntOrString = true };
        }
        else
        {
            schema = OfType(property.PropertyType, property);
            SchemaKeywords.Apply(schema, property);
        }

        schema.Description = property.GetCustomAttribute<DescriptionAttribute>()?.Text
            ?? docs.Property(property)
            ?? schema.Description;
        return schema;
    }

    private JsonSchema OfType(Type declared, PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type.IsEnum)
        {
            return new JsonSchema { Type = "string", Enum = [.. EnumNames(type)] };
        }

        if (Scalar(type) is { } scalar)
        {
            return scalar;
        }

        if ((Arguments(type, typeof(IDictionary<,>)) ?? Arguments(type, typeof(IReadOnlyDictionary<,>))) is [var key, var value])
        {
            return key == typeof(string)
                ? new JsonSchema { Type = "object", AdditionalProperties = OfType(value, property) }
                : throw Refused(property, declared, "the keys of a JSON object are strings");
        }

        if (Arguments(type, typeof(IEnumerable<>)) is [var element])
        {
            return new JsonSchema { Type = "array", Items = OfType(element, property) };
        }

        if (type.Namespace?.StartsWith("System", StringComparison.Ordinal) is not false || type.IsInterface || type == typeof(object))
        {
            throw Refused(property, declared, "it has no schema; use a string with a pattern, a class, or [PreserveUnknownFields]");
        }

        var schema = Object(type);
        schema.Description = TypeText(type);
        return schema;
    }

    private static JsonSchema? Scalar(Type type) => type switch
    {
        _ when type == typeof(string) => new JsonSchema { Type = "string" },
        _ when type == typeof(bool) => new JsonSchema { Type = "boolean" },
        _ when type == typeof(int) => new JsonSchema { Type = "integer", Format = "int32" },
        _ when type == typeof(long) => new JsonSchema { Type = "integer", Format = "int64" },
        _ when type == typeof(double) || type == typeof(decimal) => new JsonSchema { Type = "number", Format = "double" },
        _ when type == typeof(float) => new JsonSchema { Type = "number", Format = "float" },
        _ when type == typeof(DateTimeOffset) || type == typeof(DateTime) => new JsonSchema { Type = "string", Format = "date-time" },
        _ when type == typeof(byte[]) => new JsonSchema { Type = "string", Format = "byte" },
        _ when type == typeof(Uri) => new JsonSchema { Type = "string", Format = "uri" },
        _ when type == typeof(JsonElement) || type == typeof(JsonNode) || type == typeof(JsonObject) =>
            new JsonSchema { Type = "object", PreserveUnknownFields = true },
        _ => null,
    };

    private static Type[]? Arguments(Type type, Type definition) =>
        type.GetInterfaces().Append(type)
            .FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == definition)
            ?.GetGenericArguments();

    private static IEnumerable<string> EnumNames(Type type) =>
        from field in type.GetFields(BindingFlags.Public | BindingFlags.Static)
        select field.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name
            ?? field.GetCustomAttribute<System.Runtime.Serialization.EnumMemberAttribute>()?.Value
            ?? field.Name;

    private static string JsonName(PropertyInfo property) =>
        property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    private string? TypeText(Type type) => type.GetCustomAttribute<DescriptionAttribute>()?.Text ?? docs.Type(type);

    private static SchemaException Refused(PropertyInfo property, Type type, string why) =>
        new($"{property.DeclaringType!.Name}.{property.Name} is a {type.Name}: {why}.");
}

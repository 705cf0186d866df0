using System.Reflection;

namespace CertOperator.Kubernetes.Schema;

/// <summary>Puts the validation attributes of a property into its schema.</summary>
internal static class SchemaKeywords
{
    private static readonly string[] NotInRe2 = ["(?=", "(?!", "(?<=", "(?<!", "(?>", "\\1", "\\k<"];

    public static void Apply(JsonSchema schema, PropertyInfo property)
    {
        Collection(schema, property);
        var value = schema;
        while ((value.Items ?? value.AdditionalProperties) is { } inner)
        {
            value = inner;
        }

        if (property.GetCustomAttribute<PatternAttribute>() is { } pattern)
        {
            Require(property, value.Type == "string", "[Pattern]", "a string");
            var bad = NotInRe2.FirstOrDefault(pattern.Regex.Contains);
            value.Pattern = bad is null
                ? pattern.Regex
                : throw new SchemaException($"{Name(property)}: the pattern uses '{bad}', which RE2 has not.");
        }

        if (property.GetCustomAttribute<LengthAttribute>() is { } length)
        {
            Require(property, value.Type == "string", "[Length]", "a string");
            value.MinLength = length.Minimum == 0 ? null : length.Minimum;
            value.MaxLength = length.Maximum;
        }

        if (property.GetCustomAttribute<EnumValuesAttribute>() is { } values)
        {
            Require(property, value is { Type: "string", Enum: null }, "[EnumValues]", "a string");
            value.Enum = [.. values.Values];
        }

        if (property.GetCustomAttribute<RangeMinimumAttribute>() is { } minimum)
        {
            Require(property, value.Type is "integer" or "number", "[RangeMinimum]", "a number");
            value.Minimum = minimum.Minimum;
        }

        if (property.GetCustomAttribute<RangeMaximumAttribute>() is { } maximum)
        {
            Require(property, value.Type is "integer" or "number", "[RangeMaximum]", "a number");
            value.Maximum = maximum.Maximum;
        }
    }

    private static void Collection(JsonSchema schema, PropertyInfo property)
    {
        if (property.GetCustomAttribute<ItemsAttribute>() is { } items)
        {
            Require(property, (schema.Items ?? schema.AdditionalProperties) is not null, "[Items]", "a list or a dictionary");
            int? minimum = items.Minimum == 0 ? null : items.Minimum;
            if (schema.Items is not null)
            {
                schema.MinItems = minimum;
                schema.MaxItems = items.Maximum;
            }
            else
            {
                schema.MinProperties = minimum;
                schema.MaxProperties = items.Maximum;
            }
        }

        if (property.GetCustomAttribute<ListMapKeyAttribute>() is { } map)
        {
            Require(property, schema.Items?.Properties is not null, "[ListMapKey]", "a list of objects");
            foreach (var key in map.Keys)
            {
                // The API server refuses a map key that an item may leave out.
                Require(property, schema.Items!.Required?.Contains(key) is true, $"[ListMapKey(\"{key}\")]", "a required field of the item");
            }

            schema.ListType = "map";
            schema.ListMapKeys = [.. map.Keys];
        }
    }

    private static void Require(PropertyInfo property, bool holds, string attribute, string target)
    {
        if (!holds)
        {
            throw new SchemaException($"{Name(property)}: {attribute} needs {target}.");
        }
    }

    private static string Name(PropertyInfo property) => $"{property.DeclaringType!.Name}.{property.Name}";
}

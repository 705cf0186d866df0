using System.Text.Json;
using System.Text.Json.Serialization;
using CertOperator.Kubernetes.Schema;

namespace CertOperator.Kubernetes.Tests.Schema;

/// <summary>A kind that uses every keyword, for the tests of the generator.</summary>
[KubernetesEntity(Group = "test.certoperator.io", Version = "v1alpha1", Kind = "Widget", Plural = "widgets", ShortNames = ["wdg"], Categories = ["tests"])]
[EntityScope(EntityScope.Namespaced)]
[PrinterColumn("Host", "string", ".spec.host", Description = "Where it is.")]
[PrinterColumn("Size", "integer", ".spec.size", Priority = 1)]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp")]
public sealed class Widget : IKubernetesObject
{
    public string ApiVersion { get; set; } = "test.certoperator.io/v1alpha1";

    public string Kind { get; set; } = "Widget";

    public ObjectMeta Metadata { get; set; } = new();

    /// <summary>What is wanted.</summary>
    [Required]
    public WidgetSpec Spec { get; set; } = new();

    /// <summary>What is.</summary>
    public WidgetStatus? Status { get; set; }
}

public enum WidgetColour
{
    Red,

    [JsonStringEnumMemberName("deep-blue")]
    Blue,
}

public sealed class WidgetSpec
{
    /// <summary>
    /// Name of the host, as <c>host.example</c>; see
    /// <see cref="Names"/> for more of them, and note that this comment is
    /// long enough to be folded over more than one line of the YAML file.
    /// <para>A second paragraph: with a colon, and a # sign.</para>
    /// </summary>
    [Required]
    [Pattern("^[a-z0-9.-]+$")]
    [Length(1, 253)]
    public string Host { get; set; } = "";

    /// <summary>Further names.</summary>
    [Items(0, 100)]
    [Length(1, 253)]
    public List<string>? Names { get; set; }

    /// <summary>How big it is.</summary>
    /// <value>4</value>
    [RangeMinimum(1)]
    [RangeMaximum(10)]
    public int? Size { get; set; }

    public WidgetColour? Colour { get; set; }

    [EnumValues("yes", "no", "8402")]
    public string? Answer { get; set; }

    public bool? Suspend { get; set; }

    [Items(0, 2)]
    [Length(0, 3)]
    public Dictionary<string, string>? Labels { get; set; }

    [PreserveUnknownFields]
    public JsonElement? Anything { get; set; }

    [IntOrString]
    public JsonElement? Port { get; set; }

    public byte[]? Blob { get; set; }

    [JsonPropertyName("odd_name")]
    public long? OddName { get; set; }

    [JsonIgnore]
    public string Derived => Host;

    public List<WidgetPart>? Parts { get; set; }
}

/// <summary>One part.</summary>
public sealed class WidgetPart
{
    public required string Name { get; set; }

    public double? Weight { get; set; }
}

public sealed class WidgetStatus
{
    public DateTimeOffset? SeenAt { get; set; }

    /// <summary>Conditions in the usual shape.</summary>
    [ListMapKey("type")]
    public List<Condition>? Conditions { get; set; }
}

using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace CertOperator.Operator.Slo;

/// <summary>Writes rules as Prometheus reads them from a file, and as the spec of a PrometheusRule holds them.</summary>
public static class RulesYaml
{
    private const string Header = "# Generated from code by make generate; do not edit.\n";

    /// <summary>Writes one document; the same rules always give the same bytes.</summary>
    public static void Write(IReadOnlyList<RuleGroup> groups, TextWriter writer, string note = "")
    {
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(Header + note);
        writer.NewLine = "\n";
        var emitter = new Emitter(writer, new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, [], isImplicit: true));
        Map(emitter, ("groups", () => List(emitter, groups, group => Map(
            emitter,
            ("name", () => Text(emitter, group.Name)),
            ("rules", () => List(emitter, group.Rules, rule => Rule(emitter, rule)))))));
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
    }

    private static void Rule(Emitter emitter, PrometheusRuleEntry rule)
    {
        List<(string, Action)> fields = [rule switch
        {
            RecordingRule recording => ("record", () => Text(emitter, recording.Record)),
            AlertingRule alerting => ("alert", () => Text(emitter, alerting.Alert)),
            _ => throw new ArgumentException($"No such rule: {rule.GetType().Name}.", nameof(rule)),
        }];
        fields.Add(("expr", () => Text(emitter, rule.Expression)));
        if (rule is AlertingRule { For: var time })
        {
            fields.Add(("for", () => Text(emitter, time)));
        }

        if (rule.Labels.Count > 0)
        {
            fields.Add(("labels", () => Texts(emitter, rule.Labels)));
        }

        if (rule is AlertingRule { Annotations: var annotations })
        {
            fields.Add(("annotations", () => Texts(emitter, annotations)));
        }

        Map(emitter, [.. fields]);
    }

    private static void Map(Emitter emitter, params ReadOnlySpan<(string Key, Action Value)> fields)
    {
        emitter.Emit(new MappingStart());
        foreach (var (key, value) in fields)
        {
            Text(emitter, key);
            value();
        }

        emitter.Emit(new MappingEnd());
    }

    private static void Texts(Emitter emitter, IReadOnlyList<KeyValuePair<string, string>> texts)
        => Map(emitter, [.. texts.Select(t => (t.Key, (Action)(() => Text(emitter, t.Value))))]);

    private static void List<T>(Emitter emitter, IReadOnlyList<T> items, Action<T> item)
    {
        emitter.Emit(new SequenceStart(default, default, isImplicit: true, SequenceStyle.Block));
        foreach (var one in items)
        {
            item(one);
        }

        emitter.Emit(new SequenceEnd());
    }

    private static void Text(Emitter emitter, string value)
        => emitter.Emit(new Scalar(default, default, value, value.Contains('\n') ? ScalarStyle.Literal : ScalarStyle.Any, isPlainImplicit: true, isQuotedImplicit: true));
}

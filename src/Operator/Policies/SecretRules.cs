using System.Text.RegularExpressions;
using CertOperator.Crds;
using CertOperator.Crds.Policies;

namespace CertOperator.Operator.Policies;

/// <summary>Rules for what a policy may ask of Secrets. Pure.</summary>
public static partial class SecretRules
{
    private static readonly string[] Reserved = ["certoperator-state-", "certoperator-acme-", "certoperator-master-key"];

    private const int MaxNameLength = 253;
    private const int MaxLabelValueLength = 63;
    private const int MaxAnnotationsSize = 64 * 1024;

    public static void CheckName(string name, string field, Action<string> invalid, string of = "a Secret")
    {
        if (name.Length is 0 or > MaxNameLength || !Subdomain().IsMatch(name))
        {
            invalid($"{field}: \"{Shorten(name)}\" is no name for {of}. Use at most {MaxNameLength} lower-case letters, digits, '-' and '.', with a letter or digit at both ends.");
        }
    }

    /// <summary>A target must not take the place of what the operator keeps for a policy or a CA, whoever comes first.</summary>
    public static void CheckNotReserved(string name, string field, Action<string> invalid)
    {
        if (Reserved.FirstOrDefault(r => name.StartsWith(r, StringComparison.Ordinal)) is { } reserved)
        {
            invalid($"{field}: names that begin with {reserved} are for Secrets that the operator keeps for itself. Choose another name.");
        }
    }

    public static void CheckTemplate(SecretTemplate? template, Action<string> invalid)
        => CheckMetadata(template?.Labels, template?.Annotations, "spec.secretTemplate", invalid);

    /// <summary>What a user may have put on an object that the operator makes.</summary>
    /// <param name="labels">Labels.</param>
    /// <param name="annotations">Annotations.</param>
    /// <param name="path">Where they are written.</param>
    /// <param name="invalid">Takes what is wrong.</param>
    /// <param name="meant">An annotation of Kubernetes itself that is meant for users.</param>
    public static void CheckMetadata(IReadOnlyDictionary<string, string>? labels, IReadOnlyDictionary<string, string>? annotations, string path, Action<string> invalid, string? meant = null)
    {
        foreach (var (key, value) in labels ?? new Dictionary<string, string>())
        {
            CheckKey(key, $"{path}.labels", invalid);
            if (value.Length > MaxLabelValueLength || (value.Length > 0 && !LabelValue().IsMatch(value)))
            {
                invalid($"{path}.labels[{key}]: \"{Shorten(value)}\" is no label value. Use at most {MaxLabelValueLength} letters, digits, '-', '_' and '.', with a letter or digit at both ends.");
            }
        }

        foreach (var key in (annotations?.Keys ?? []).Where(k => k != meant))
        {
            CheckKey(key, $"{path}.annotations", invalid);
        }

        if (annotations?.Sum(a => a.Key.Length + a.Value.Length) > MaxAnnotationsSize)
        {
            invalid($"{path}.annotations: more than {MaxAnnotationsSize / 1024} KiB in all. Remove some.");
        }
    }

    public static void CheckOutputs(IReadOnlyList<SecretOutput>? outputs, Action<string> invalid)
    {
        for (var i = 0; i < (outputs?.Count ?? 0); i++)
        {
            var output = outputs![i];
            if (outputs.Take(i).Any(o => o.Type == output.Type))
            {
                invalid($"spec.outputs[{i}]: {output.Type} is asked for twice. Remove one.");
            }

            if (output.Type == SecretOutputKind.Pkcs12)
            {
                if (output.PasswordSecretName is null)
                {
                    invalid($"spec.outputs[{i}].passwordSecretName is missing. Pkcs12 needs a Secret whose key \"password\" protects the key store.");
                }
                else
                {
                    CheckName(output.PasswordSecretName, $"spec.outputs[{i}].passwordSecretName", invalid);
                }
            }
            else if (output.PasswordSecretName is not null)
            {
                invalid($"spec.outputs[{i}].passwordSecretName: {output.Type} is not protected by a password. Remove the field, or use Pkcs12.");
            }
        }
    }

    private static void CheckKey(string key, string field, Action<string> invalid)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var prefix = slash < 0 ? "" : key[..slash];
        var name = key[(slash + 1)..];
        if (name.Length is 0 or > MaxLabelValueLength || !LabelValue().IsMatch(name) || (slash >= 0 && (prefix.Length is 0 or > MaxNameLength || !Subdomain().IsMatch(prefix))))
        {
            invalid($"{field}: \"{Shorten(key)}\" is no valid key. Write name or prefix.example.com/name.");
        }
        else if (IsReserved(prefix) || key == WellKnown.ManagedByLabel)
        {
            invalid($"{field}: \"{key}\" is reserved. Remove it, or use a prefix of your own.");
        }
    }

    private static bool IsReserved(string prefix)
        => prefix == CertOperatorApi.Group || prefix.EndsWith("." + CertOperatorApi.Group, StringComparison.Ordinal)
        || prefix == "kubernetes.io" || prefix == "k8s.io";

    /// <summary>For messages: what is too long is cut.</summary>
    public static string Shorten(string text) => text.Length <= 80 ? text : string.Concat(text.AsSpan(0, 79), "…");

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"\A[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?\z")]
    private static partial Regex LabelValue();
}

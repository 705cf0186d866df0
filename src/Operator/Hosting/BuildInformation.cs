using System.Reflection;

namespace CertOperator.Operator.Hosting;

/// <summary>What this build is.</summary>
/// <param name="Version">Semantic version.</param>
/// <param name="Commit">Git commit in hex, or <c>unknown</c> for a build outside a checkout.</param>
public sealed record BuildInformation(string Version, string Commit)
{
    public static BuildInformation Current { get; } = From(typeof(BuildInformation).Assembly);

    private static BuildInformation From(Assembly assembly)
    {
        // The SDK writes version+commit.
        var text = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
        var plus = text.IndexOf('+', StringComparison.Ordinal);
        return plus < 0 ? new BuildInformation(text, "unknown") : new BuildInformation(text[..plus], text[(plus + 1)..]);
    }
}

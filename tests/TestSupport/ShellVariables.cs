namespace CertOperator.TestSupport;

/// <summary>Reads the <c>NAME=value</c> files that the scripts in hack/ write.</summary>
internal static class ShellVariables
{
    public static IReadOnlyDictionary<string, string> Read(string file) =>
        File.ReadLines(file)
            .Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1].Trim('\''));
}

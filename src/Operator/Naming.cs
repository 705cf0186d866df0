using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CertOperator.Operator;

/// <summary>Names that are derived, so that a restart finds again what an earlier process made.</summary>
public static class Naming
{
    private const int MaxNameLength = 253;
    private const int MaxLabelLength = 63;
    private const int HashLength = 10;

    /// <summary>
    /// The name of the run that follows on <paramref name="lastRun"/>. The same question has the same answer: a process that was
    /// killed right after it made the run does not make another.
    /// </summary>
    public static string Run(string policy, string policyUid, string? lastRun, DateTimeOffset? lastFinish, string? request)
    {
        // A run that was resumed ends twice, and what follows on its second end is another run than what followed on the first.
        var hash = Hash(string.Create(CultureInfo.InvariantCulture, $"{policyUid}\n{lastRun}\n{lastFinish?.ToUnixTimeSeconds()}\n{request}"));
        return $"{Cut(policy, MaxNameLength - HashLength - 1).TrimEnd('.', '-')}-{hash}";
    }

    /// <summary>The run that a batch makes for a policy: one, however often it is asked for.</summary>
    public static string BatchRun(string policy, string policyUid, string batchUid)
        => $"{Cut(policy, MaxNameLength - HashLength - 1).TrimEnd('.', '-')}-{Hash($"batch\n{batchUid}\n{policyUid}")}";

    /// <summary>The ConfigMap with one page of a batch's rows.</summary>
    public static string BatchPage(string batch, int page) => Bounded(string.Create(CultureInfo.InvariantCulture, $"certoperator-batch-{batch}-{page}"), MaxNameLength);

    /// <summary>The Secret in which a policy's staged key and previous pairs are kept.</summary>
    public static string StateSecret(string policy) => Bounded($"certoperator-state-{policy}", MaxNameLength);

    /// <summary>The Secret with the signing request that a person is to have signed.</summary>
    public static string SigningRequestSecret(string policy) => Bounded($"certoperator-csr-{policy}", MaxNameLength);

    /// <summary>What a run makes so that requests for a challenge get there; short enough for a Service.</summary>
    public static string Http01(string runUid, string token) => $"certoperator-http01-{Hash($"{runUid}\n{token}")}";

    /// <summary>A label value that stands for an object's name.</summary>
    public static string Label(string name) => Bounded(name, MaxLabelLength);

    private static string Bounded(string text, int max)
        => text.Length <= max ? text : $"{text[..(max - HashLength - 1)].TrimEnd('.', '-')}-{Hash(text)}";

    internal static string Cut(string text, int max) => text.Length <= max ? text : text[..max];

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..HashLength];
}

using System.Text;

namespace CertOperator.Operator.Options;

/// <summary>Files that somebody has named: whatever they turn out to be, no more than a limit of them is read.</summary>
internal static class CappedFile
{
    /// <returns>The text, as UTF-8; null where the file is larger.</returns>
    public static string? ReadText(string path, int maxBytes)
    {
        using var stream = File.OpenRead(path);
        var buffer = new byte[maxBytes + 1];
        var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        return length > maxBytes ? null : Encoding.UTF8.GetString(buffer, 0, length);
    }
}

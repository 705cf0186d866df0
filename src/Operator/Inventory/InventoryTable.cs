using System.Globalization;

namespace CertOperator.Operator.Inventory;

/// <summary>Shows the inventory to people.</summary>
public static class InventoryTable
{
    private const string Gap = "   ";

    private static readonly string[] Headings = ["HOSTNAME", "EXPIRES", "LEFT", "RENEWED BY", "NOTE", "PROVIDER", "NAMESPACE", "SECRET", "POLICY", "ISSUER"];

    public static void Write(IReadOnlyList<InventoryEntry> entries, DateTimeOffset now, TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentNullException.ThrowIfNull(writer);
        List<string[]> rows = [Headings, .. entries.Select(e => Cells(e, now))];
        var widths = Headings.Select((_, column) => rows.Max(r => r[column].Length)).ToArray();
        foreach (var row in rows)
        {
            writer.WriteLine(string.Join(Gap, row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    private static string[] Cells(InventoryEntry entry, DateTimeOffset now)
        => [.. new[]
        {
            entry.Hostname, entry.NotAfter?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), Left(entry.NotAfter - now),
            entry.RenewedBy, entry.Note, entry.Provider, entry.Namespace, entry.Secret, entry.Policy, entry.Issuer,
        }.Select(Clean)];

    /// <summary>In the largest unit of which there are two; with a minus since it is over.</summary>
    private static string? Left(TimeSpan? left)
    {
        if (left is not { } time)
        {
            return null;
        }

        var duration = time.Duration();
        var text = duration.TotalDays >= 2 ? $"{(int)duration.TotalDays}d" : duration.TotalHours >= 2 ? $"{(int)duration.TotalHours}h" : $"{(int)duration.TotalMinutes}m";
        return time < TimeSpan.Zero ? "-" + text : text;
    }

    /// <summary>Whoever writes a certificate may put into it what a terminal takes for a command, or what turns the line around.</summary>
    private static string Clean(string? text)
        => string.IsNullOrEmpty(text) ? "-"
            : string.Concat(text.Select(c => char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? '?' : c));
}

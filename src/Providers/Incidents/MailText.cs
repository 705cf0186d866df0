using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CertOperator.Providers.Incidents;

/// <summary>An incident as a mail (RFC 5322): plain text in UTF-8, so encoded that no server can break it and no text can start a header.</summary>
internal static class MailText
{
    private const int MaxSubject = 200;
    private const int MaxFact = 2000;

    // RFC 2047, section 2: an encoded word has at most 75 characters, 12 of them around the base64.
    private const int BytesPerWord = 45;

    public static byte[] Compose(IncidentNotice notice, string from, string to, DateTimeOffset now)
    {
        var domain = from[(from.LastIndexOf('@') + 1)..];
        // No mail has this id, but all of an incident refer to it, and so stand together in a mailbox.
        var thread = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{notice.DedupKey}\n{notice.Since.UtcTicks}"))))[..32];
        string[] headers =
        [
            $"From: {from}",
            $"To: {to}",
            $"Subject: {Subject(IncidentText.Line(notice.Summary, MaxSubject))}",
            $"Date: {now.ToUniversalTime().ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture)}",
            $"Message-ID: <{notice.DeliveryId}@{domain}>",
            $"References: <{thread}@{domain}>",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64",
        ];
        var body = Convert.ToBase64String(Encoding.UTF8.GetBytes(Body(notice)), Base64FormattingOptions.InsertLineBreaks);
        return Encoding.ASCII.GetBytes($"{string.Join("\r\n", headers)}\r\n\r\n{body}\r\n");
    }

    private static string Body(IncidentNotice notice)
    {
        var text = new StringBuilder(notice.Summary).Append("\r\n\r\n");
        foreach (var (name, value) in IncidentText.Facts(notice))
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}: {IncidentText.Line(value, MaxFact)}\r\n");
        }

        if (notice.Runbook is { } runbook)
        {
            text.Append(CultureInfo.InvariantCulture, $"\r\nWhat to do first: {runbook.AbsoluteUri}\r\n");
        }

        return text.Append("\r\nThis mail was sent because of spec.notifyOnFailure of the policy.\r\n").ToString();
    }

    private static string Subject(string text)
    {
        if (Ascii.IsValid(text) && !text.Contains("=?", StringComparison.Ordinal))
        {
            return text;
        }

        var words = new List<string>();
        var word = new List<byte>();
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            var length = rune.EncodeToUtf8(bytes);
            if (word.Count + length > BytesPerWord)
            {
                words.Add(Encode(word));
                word.Clear();
            }

            word.AddRange(bytes[..length]);
        }

        words.Add(Encode(word));
        return string.Join("\r\n ", words);
    }

    private static string Encode(List<byte> bytes) => $"=?utf-8?B?{Convert.ToBase64String([.. bytes])}?=";
}

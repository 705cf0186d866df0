using System.Collections.Frozen;
using System.Globalization;

namespace CertOperator.Operator.Telemetry;

/// <summary>The label of an HTTP status: the common ones by number, the rest by class, so that a peer cannot make up hundreds.</summary>
internal static class StatusLabel
{
    private static readonly FrozenDictionary<int, string> Common =
        new[] { 200, 201, 202, 204, 301, 302, 304, 400, 401, 403, 404, 405, 406, 409, 410, 413, 415, 422, 429, 500, 501, 502, 503, 504 }
            .ToFrozenDictionary(s => s, s => s.ToString(CultureInfo.InvariantCulture));

    public static string Of(int status) => status switch
    {
        0 => "error",
        _ when Common.TryGetValue(status, out var number) => number,
        >= 100 and < 200 => "1xx",
        >= 200 and < 300 => "2xx",
        >= 300 and < 400 => "3xx",
        >= 400 and < 500 => "4xx",
        >= 500 and < 600 => "5xx",
        _ => "other",
    };
}

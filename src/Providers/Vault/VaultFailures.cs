using System.Globalization;
using System.Text.Json;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Vault;

/// <summary>Turns Vault's refusals into what a run can do about them. The one place that judges them; it goes by the status, never by the words.</summary>
internal static class VaultFailures
{
    private const int MaxExcerpt = 300;

    // A disaster recovery secondary, which serves nobody.
    private const int SecondaryStatus = 472;

    public static IssuanceException Refusal(VaultServer server, VaultCall call, VaultAnswer answer)
    {
        var status = (int)answer.Status;
        var what = Describe(server, call, answer);
        return status switch
        {
            403 => Denied(server, call, what),
            404 => new IssuanceException(IssuanceFailure.NeedsManual, VaultReasons.NothingMounted, $"{what}. Check that an engine of the right kind is mounted there, and the mount in {server.Field}."),
            412 or 429 => new IssuanceException(IssuanceFailure.Transient, status == 429 ? IssuanceReasons.RateLimited : IssuanceReasons.ServerError, $"{what}. The operator tries again.", answer.RetryAfter),
            503 => new IssuanceException(IssuanceFailure.Transient, VaultReasons.Sealed, $"{what}. Unseal it, or wait until its maintenance is over; the operator tries again.", answer.RetryAfter),
            501 => new IssuanceException(IssuanceFailure.Failed, VaultReasons.Sealed, $"{what}. Initialize it."),
            >= 500 => new IssuanceException(IssuanceFailure.Transient, IssuanceReasons.ServerError, $"{what}. The operator tries again.", answer.RetryAfter),
            SecondaryStatus => new IssuanceException(IssuanceFailure.Failed, VaultReasons.RequestRefused, $"{what}: it is a secondary for disaster recovery. Set {server.AddressField} to the primary."),
            >= 300 and < 400 => new IssuanceException(IssuanceFailure.Failed, VaultReasons.RequestRefused, $"{what}: it sends its clients elsewhere, as a standby does that may not forward. Set {server.AddressField} to the active server or to a load balancer that finds it."),
            400 or 405 => new IssuanceException(IssuanceFailure.Failed, VaultReasons.RequestRefused, $"{what}."),
            _ => NotVault(server, string.Create(CultureInfo.InvariantCulture, $"{call.Method} {call.Path} with {status}")),
        };
    }

    /// <summary>Vault's own words: what it was asked, the status, and its errors.</summary>
    public static string Describe(VaultServer server, VaultCall call, VaultAnswer answer)
    {
        var errors = ErrorsOf(answer);
        return string.Create(CultureInfo.InvariantCulture, $"Vault at {server.Address.Authority} answered {call.Method} {call.Path}{In(server)} with {(int)answer.Status}{(errors.Length == 0 ? "" : ": ")}{errors}");
    }

    /// <summary>What was answered is not what the API documents.</summary>
    public static IssuanceException NotVault(VaultServer server, string what)
        => new(IssuanceFailure.Failed, VaultReasons.NotAVaultServer, $"{server.Address.Authority} answered {what}, which a Vault server does not. Check {server.AddressField}.");

    /// <summary>What had just been written is not there yet.</summary>
    public static IssuanceException Lags(VaultServer server, string what)
        => new(IssuanceFailure.Transient, IssuanceReasons.ServerError, $"Vault at {server.Address.Authority} answered {what}, as a standby does that lags behind. The operator tries again.");

    /// <summary>The line that a Vault policy lacks.</summary>
    public static string Grant(string path, params ReadOnlySpan<string> capabilities)
        => $"path \"{path}\" {{ capabilities = [\"{string.Join("\", \"", capabilities!)}\"] }}";

    /// <summary>Vault's errors in one line; several may stand in one text with line breaks.</summary>
    public static string ErrorsOf(VaultAnswer answer)
    {
        try
        {
            var errors = JsonSerializer.Deserialize(answer.Body, VaultJsonContext.Default.VaultErrors)?.Errors ?? [];
            return Excerpt(string.Join("; ", errors.OfType<string>())).TrimEnd('.');
        }
        catch (JsonException)
        {
            return "";
        }
    }

    private static IssuanceException Denied(VaultServer server, VaultCall call, string what)
        => new(IssuanceFailure.NeedsManual, VaultReasons.AccessDenied, $"{what}. Add to the Vault policy{In(server)} of the identity in {server.Login.Field}: {Grant(call.Path, call.Capability)}");

    private static string In(VaultServer server) => server.Namespace is null ? "" : $" in namespace {server.Namespace}";

    private static string Excerpt(string text)
    {
        var words = string.Concat(text.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var line = string.Join(' ', words);
        return line.Length > MaxExcerpt ? string.Concat(line.AsSpan(0, MaxExcerpt), "…") : line;
    }
}

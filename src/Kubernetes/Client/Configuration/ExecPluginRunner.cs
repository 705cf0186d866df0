using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace CertOperator.Kubernetes;

/// <summary>Runs an exec plugin once and reads what it prints.</summary>
internal sealed class ExecPluginRunner(KubernetesClientConfiguration configuration, ExecPlugin plugin)
{
    private const int MaxOutput = 1024 * 1024;
    private const int MaxErrorShown = 500;

    /// <exception cref="KubernetesConfigurationException">The program is missing, failed, or printed no credentials.</exception>
    public async Task<ExecCredentialStatus> RunAsync(CancellationToken cancellationToken)
    {
        using var process = Start();
        try
        {
            process.StandardInput.Close();
            var error = ReadCappedAsync(process.StandardError.BaseStream, cancellationToken);
            var output = await ReadCappedAsync(process.StandardOutput.BaseStream, cancellationToken);
            var errorText = Encoding.UTF8.GetString(await error).Trim();
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? Parse(output)
                : throw Failure($"ended with exit code {process.ExitCode}: {errorText[..Math.Min(errorText.Length, MaxErrorShown)]}");
        }
        finally
        {
            Kill(process);
        }
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(plugin.Command, plugin.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in plugin.Environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["KUBERNETES_EXEC_INFO"] = JsonSerializer.Serialize(Request(), WireJsonContext.Default.ExecCredential);
        try
        {
            return Process.Start(start) ?? throw Failure("did not start");
        }
        catch (Win32Exception e)
        {
            var hint = plugin.InstallHint is { } text ? $"; {text.Trim()}" : "";
            throw new KubernetesConfigurationException($"{plugin.Origin}: \"{plugin.Command}\" cannot be run: {e.Message}{hint}", e);
        }
    }

    private ExecCredential Request() => new()
    {
        ApiVersion = plugin.ApiVersion,
        Kind = "ExecCredential",
        Spec = new ExecCredentialSpec
        {
            Interactive = false,
            Cluster = plugin.ProvideClusterInfo
                ? new ExecCredentialCluster
                {
                    Server = configuration.Server.OriginalString,
                    TlsServerName = configuration.TlsServerName,
                    InsecureSkipTlsVerify = configuration.InsecureSkipTlsVerify ? true : null,
                    CertificateAuthorityData = configuration.CertificateAuthority?.Read(),
                    ProxyUrl = configuration.ProxyUrl?.OriginalString,
                }
                : null,
        },
    };

    private ExecCredentialStatus Parse(byte[] output)
    {
        ExecCredential? credential;
        try
        {
            credential = JsonSerializer.Deserialize(output, WireJsonContext.Default.ExecCredential);
        }
        catch (JsonException)
        {
            // The exception is not passed on: its text may quote what was printed.
            throw Failure("did not print an ExecCredential in JSON");
        }

        if (credential is not { Kind: "ExecCredential", Status: { } status })
        {
            throw Failure("did not print an ExecCredential with a status");
        }

        if (credential.ApiVersion != plugin.ApiVersion)
        {
            throw Failure($"answered in {credential.ApiVersion}, but {plugin.ApiVersion} is configured");
        }

        if (string.IsNullOrEmpty(status.Token) && string.IsNullOrEmpty(status.ClientCertificateData))
        {
            throw Failure("printed neither a token nor a client certificate");
        }

        return string.IsNullOrEmpty(status.ClientCertificateData) == string.IsNullOrEmpty(status.ClientKeyData)
            ? status
            : throw Failure("printed only one of client certificate and key");
    }

    private async Task<byte[]> ReadCappedAsync(Stream stream, CancellationToken cancellationToken)
    {
        var capped = new CappedStream(stream, MaxOutput);
        await using (capped)
        {
            var all = new MemoryStream();
            try
            {
                await capped.CopyToAsync(all, cancellationToken);
            }
            catch (AnswerTooLargeException e)
            {
                throw new KubernetesConfigurationException($"{plugin.Origin}: \"{plugin.Command}\" printed more than {MaxOutput} bytes", e);
            }

            return all.ToArray();
        }
    }

    private static void Kill(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private KubernetesConfigurationException Failure(string what) => new($"{plugin.Origin}: \"{plugin.Command}\" {what}");
}

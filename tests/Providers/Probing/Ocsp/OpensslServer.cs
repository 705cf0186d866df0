using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Certificates;

namespace CertOperator.Providers.Tests.Probing.Ocsp;

/// <summary>A real TLS server that staples what a real OCSP responder has said.</summary>
internal sealed class OpensslServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryDirectory _directory = new();
    private ToolProcess? _process;

    public int Port { get; } = FreePort.Next();

    public static async Task<OpensslServer> StartAsync(IssuedLeaf leaf, TestAuthority authority, bool revoked, params string[] options)
    {
        var server = new OpensslServer();
        try
        {
            await server.AnswerAsync(leaf, authority, revoked);
            await server.ServeAsync(leaf, authority, options);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _directory.Dispose();
    }

    private async Task AnswerAsync(IssuedLeaf leaf, TestAuthority authority, bool revoked)
    {
        using var key = authority.Certificate.GetECDsaPrivateKey()!;
        Write("ca.pem", authority.Pem);
        Write("ca.key", key.ExportPkcs8PrivateKeyPem());
        Write("leaf.pem", leaf.Pem);
        var serial = leaf.Certificate.SerialNumber;
        while (serial.StartsWith("00", StringComparison.Ordinal))
        {
            serial = serial[2..];
        }

        Write("index.txt", $"{(revoked ? "R" : "V")}\t491231235959Z\t{(revoked ? "260102030405Z,keyCompromise" : "")}\t{serial}\tunknown\t/CN=www.example.com\n");
        await ToolProcess.RunAsync(
            "openssl",
            ["ocsp", "-index", File("index.txt"), "-CA", File("ca.pem"), "-rsigner", File("ca.pem"), "-rkey", File("ca.key"), "-ndays", "7", "-issuer", File("ca.pem"), "-cert", File("leaf.pem"), "-noverify", "-respout", File("staple.der")]);
    }

    private async Task ServeAsync(IssuedLeaf leaf, TestAuthority authority, string[] options)
    {
        Write("leaf.key", leaf.KeyPem);
        Write("chain.pem", authority.IntermediatesPem);
        _process = ToolProcess.Start(
            "openssl",
            ["s_server", "-accept", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}"), "-cert", File("leaf.pem"), "-key", File("leaf.key"), "-cert_chain", File("chain.pem"), "-status_file", File("staple.der"), "-www", .. options]);
        await _process.WaitForLineAsync(l => l.StartsWith("ACCEPT", StringComparison.Ordinal), Patience);
    }

    private string File(string name) => _directory.File(name);

    private void Write(string name, string text) => System.IO.File.WriteAllText(File(name), text);
}

using System.Globalization;
using System.Net.Sockets;
using CertOperator.TestSupport.Certificates;

namespace CertOperator.TestSupport;

/// <summary>aiosmtpd, a real mail server, on 127.0.0.1: it insists on STARTTLS and keeps what it is sent.</summary>
public sealed class MailReceiver : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);
    private readonly TemporaryDirectory _directory = new();
    private readonly TestAuthority _authority = TestAuthority.CreateRoot(TimeProvider.System, "Mail CA");
    private ToolProcess? _process;

    private MailReceiver()
    {
    }

    public int Port { get; } = FreePort.Next();

    /// <summary>The authority of the server's certificate, which is for 127.0.0.1.</summary>
    public string CaPem => _authority.Pem;

    /// <summary>All mails so far, as they came, oldest first.</summary>
    public IReadOnlyList<string> Mails
        => Directory.Exists(Folder) ? [.. new DirectoryInfo(Folder).GetFiles().OrderBy(f => f.LastWriteTimeUtc).Select(f => File.ReadAllText(f.FullName))] : [];

    private string Folder => Path.Combine(_directory.File("mail"), "new");

    public static async Task<MailReceiver> StartAsync()
    {
        await ToolProcess.RunAsync(Repository.PathOf("hack", "install-tools.sh"), ["aiosmtpd"]);
        var server = new MailReceiver();
        try
        {
            await server.RunAsync();
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

        _authority.Dispose();
        _directory.Dispose();
    }

    private async Task RunAsync()
    {
        using IssuedLeaf leaf = _authority.Issue(new LeafRequest("127.0.0.1"));
        string certificate = _directory.File("tls.crt");
        string key = _directory.File("tls.key");
        await File.WriteAllTextAsync(certificate, leaf.ChainPem);
        await File.WriteAllTextAsync(key, leaf.KeyPem);
        _process = ToolProcess.Start(
            "aiosmtpd",
            ["-n", "-l", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}"), "--tlscert", certificate, "--tlskey", key, "-c", "aiosmtpd.handlers.Mailbox", _directory.File("mail")]);
        await Eventually.TrueAsync(
            async ct =>
            {
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", Port, ct);
                return true;
            },
            StartDeadline,
            "aiosmtpd to listen");
    }
}

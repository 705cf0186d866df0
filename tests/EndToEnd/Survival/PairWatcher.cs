using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CertOperator.Crds;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;

namespace CertOperator.EndToEnd.Survival;

/// <summary>Sees every version of every TLS Secret in a test's namespace, and notes those whose key and certificate do not belong together.</summary>
internal sealed class PairWatcher : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<string> _mismatches = new();
    private readonly ConcurrentQueue<string> _certificates = new();
    private Task _watching = Task.CompletedTask;

    private PairWatcher()
    {
    }

    /// <summary>A line for each version that held no matching pair.</summary>
    public IReadOnlyCollection<string> Mismatches => _mismatches;

    /// <summary>Thumbprints of the certificates, one for each change.</summary>
    public IReadOnlyList<string> Certificates => [.. _certificates];

    public static async Task<PairWatcher> StartAsync(TestCluster cluster)
    {
        var watcher = new PairWatcher();
        KubernetesList<Secret> now = await cluster.Secrets.ListPageAsync(new ListOptions { Namespace = cluster.Namespace }, CancellationToken.None);
        now.Items.ForEach(watcher.Look);
        watcher._watching = watcher.WatchAsync(cluster, now.Metadata.ResourceVersion!);
        return watcher;
    }

    /// <summary>A certificate that does not belong to the key makes this throw a <see cref="CryptographicException"/>.</summary>
    public static X509Certificate2 PairOf(Secret secret) => X509Certificate2.CreateFromPem(Text(secret, WellKnown.TlsCertificateKey), Text(secret, WellKnown.TlsPrivateKeyKey));

    /// <exception cref="InvalidOperationException">The watch broke off, so that versions may have been missed.</exception>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching;
        _end.Dispose();
    }

    private async Task WatchAsync(TestCluster cluster, string version)
    {
        try
        {
            await foreach (WatchEvent<Secret> change in cluster.Secrets.WatchAsync(new WatchOptions { Namespace = cluster.Namespace, ResourceVersion = version, TimeoutSeconds = 3600 }, _end.Token))
            {
                switch (change)
                {
                    case WatchEvent<Secret>.Added added:
                        Look(added.Object);
                        break;
                    case WatchEvent<Secret>.Modified modified:
                        Look(modified.Object);
                        break;
                }
            }

            throw new InvalidOperationException("The watch of the Secrets ended before the test.");
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    private void Look(Secret secret)
    {
        if (secret.Type != WellKnown.TlsSecretType)
        {
            return;
        }

        try
        {
            using X509Certificate2 pair = PairOf(secret);
            _certificates.Enqueue(pair.Thumbprint);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            _mismatches.Enqueue($"{secret.Metadata.Name} at {secret.Metadata.ResourceVersion}: {e.Message}");
        }
    }

    private static string Text(Secret secret, string key) => Encoding.ASCII.GetString(secret.Data![key]);
}

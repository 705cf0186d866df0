using System.Security.Cryptography.X509Certificates;
using System.Text;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Authorities;

public sealed class AlternateChainTests : ProxiedPoliciesTest
{
    protected override PebbleOptions PebbleSettings => new() { AlternateRoots = 2, ChainLength = 2 };

    [Test]
    public async Task The_chain_whose_topmost_issuer_is_preferred_is_stored()
    {
        string[] roots = await Task.WhenAll(Enumerable.Range(0, 3).Select(async i => NameOf(await Cluster.Pebble.GetRootAsync(i))));
        Assert.That(roots, Is.Unique);
        for (int i = 0; i < roots.Length; i++)
        {
            string root = roots[i];
            (await PolicyAsync($"chain-{i}")).WithAcme(a => a with { PreferredChain = root });
        }

        (await PolicyAsync("unknown")).WithAcme(a => a with { PreferredChain = "A root that this CA does not have" });
        await Cluster.StartOperatorAsync();

        await CreateAllAsync();

        List<string> stored = [];
        foreach (ProxiedPolicy policy in Policies)
        {
            await Cluster.WaitUntilReadyAsync(policy.Name);
            stored.Add(await TopmostIssuerAsync(policy.Builder.SecretName));
            Assert.That(policy.Acme.OrdersPlaced, Is.EqualTo(1), policy.Name);
            Assert.That(policy.Acme.Count(AcmeRequestKind.Certificate), Is.InRange(1, 3), policy.Name);
        }

        Assert.That(stored, Is.EqualTo(new[] { roots[0], roots[1], roots[2], roots[0] }));
    }

    private async Task<string> TopmostIssuerAsync(string secretName)
    {
        Secret secret = await Cluster.Secrets.GetAsync(Cluster.Name(secretName), CancellationToken.None);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(Encoding.ASCII.GetString(secret.Data!["tls.crt"]));
        return chain[^1].GetNameInfo(X509NameType.SimpleName, forIssuer: true);
    }

    private static string NameOf(string pem)
    {
        using var certificate = X509Certificate2.CreateFromPem(pem);
        return certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
    }
}

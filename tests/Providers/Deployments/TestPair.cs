using CertOperator.Providers.Deployments;
using CertOperator.Providers.Pki;
using CertOperator.TestSupport.Certificates;

namespace CertOperator.Providers.Tests.Deployments;

/// <summary>A pair of a test CA as targets get it.</summary>
internal sealed class TestPair : IDisposable
{
    public TestPair(TestAuthority authority, bool withIssuers = true, LeafRequest? leaf = null)
    {
        Leaf = authority.Issue(leaf ?? new LeafRequest("www.example.com"));
        using var chain = CertificateChain.Parse(withIssuers ? Leaf.ChainPem : Leaf.Pem, PemLimits.Issued);
        Key = PrivateKeyPair.FromPem(Leaf.KeyPem);
        Pair = new TargetPair(Key, TargetChain.Of(chain, null));
    }

    public IssuedLeaf Leaf { get; }

    public TargetPair Pair { get; }

    private PrivateKeyPair Key { get; }

    public void Dispose()
    {
        Key.Dispose();
        Leaf.Dispose();
    }
}

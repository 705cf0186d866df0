using CertOperator.TestSupport;
using CertOperator.TestSupport.Certificates;

namespace CertOperator.Providers.Tests.Pki;

/// <summary>One CA with two levels under it, made once for all tests of a class.</summary>
internal sealed class PkiFixture : IDisposable
{
    public static readonly DateTimeOffset Now = new(2030, 6, 1, 12, 0, 0, TimeSpan.Zero);

    public PkiFixture()
    {
        Root = TestAuthority.CreateRoot(new ManualTimeProvider(Now));
        Upper = Root.CreateIntermediate("Upper CA");
        Lower = Upper.CreateIntermediate("Lower CA");
        Stranger = TestAuthority.CreateRoot(new ManualTimeProvider(Now), "Other Root");
        StrangersChild = Stranger.CreateIntermediate("Other CA");
    }

    public TestAuthority Root { get; }

    public TestAuthority Upper { get; }

    public TestAuthority Lower { get; }

    public TestAuthority Stranger { get; }

    public TestAuthority StrangersChild { get; }

    public void Dispose()
    {
        Root.Dispose();
        Stranger.Dispose();
    }
}

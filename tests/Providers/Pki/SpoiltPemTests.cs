using System.Text;
using CertOperator.Providers.Pki;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Pki;

/// <summary>Whatever stands in a Secret or comes from a CA is read or refused with a reason, and nothing else.</summary>
public sealed class SpoiltPemTests
{
    private const int Rounds = 1500;

    private static readonly byte[][] Samples = MakeSamples();

    [Test]
    public void A_spoilt_chain_bundle_or_key_is_read_or_refused()
    {
        Action<string>[] kinds =
        [
            t => CertificateChain.Parse(t, PemLimits.Issued).Dispose(),
            t => CaBundle.Parse(t).Dispose(),
            t => PrivateKeyPair.FromPem(t).Dispose(),
        ];
        int refused = 0;
        for (int seed = 0; seed < Rounds; seed++)
        {
            string text = Encoding.Latin1.GetString(Mutator.Spoil(Samples, seed));
            foreach (Action<string> read in kinds)
            {
                try
                {
                    read(text);
                }
                catch (PkiException e)
                {
                    Assert.That(e.Message, Does.Not.Match("[A-Za-z0-9+/]{40}"), "a message does not repeat what may be a key");
                    refused++;
                }
                catch (Exception e) when (e is not AssertionException)
                {
                    Assert.Fail($"seed {seed}: {e}");
                }
            }
        }

        Assert.That(refused, Is.InRange(Rounds, (Rounds * kinds.Length) - 1));
    }

    [Test]
    public void A_spoilt_Secret_holds_a_pair_or_a_defect()
    {
        for (int seed = 0; seed < Rounds; seed++)
        {
            var data = new Dictionary<string, byte[]> { ["tls.crt"] = Mutator.Spoil([Samples[0]], seed), ["tls.key"] = seed % 3 == 0 ? Samples[1] : Mutator.Spoil([Samples[1]], seed) };
            Assert.That(() => TlsSecretContents.Parse(data), Throws.Nothing, $"seed {seed}");
        }
    }

    private static byte[][] MakeSamples()
    {
        using PrivateKeyPair key = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
        using var certificate = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=a.example", (System.Security.Cryptography.ECDsa)key.Key, System.Security.Cryptography.HashAlgorithmName.SHA256)
            .CreateSelfSigned(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero));
        string pem = certificate.ExportCertificatePem() + "\n";
        return [Encoding.ASCII.GetBytes(pem), Encoding.ASCII.GetBytes(key.ToPkcs8Pem()), Encoding.ASCII.GetBytes(pem + pem)];
    }
}

using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Pki;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Keys;

/// <summary>A key that signs elsewhere is used through its public half alone.</summary>
internal sealed class RemoteKeyTests
{
    [TestCase(KeyAlgorithm.Ecdsa, 256)]
    [TestCase(KeyAlgorithm.Ecdsa, 384)]
    [TestCase(KeyAlgorithm.Rsa, 2048)]
    public async Task A_request_that_is_signed_elsewhere_says_the_same_as_one_that_is_signed_here(KeyAlgorithm algorithm, int size)
    {
        using var pair = PrivateKeyPair.Create(algorithm, size);
        using var remote = new Elsewhere(pair);
        IPAddress[] addresses = [IPAddress.Parse("192.0.2.1")];

        var here = CertificateSigningRequests.CreateDer(pair, "www.example.com", ["www.example.com", "*.example.com"], addresses);
        var there = await CertificateSigningRequests.CreateDerAsync(remote, "www.example.com", ["www.example.com", "*.example.com"], addresses, CancellationToken.None);

        Assert.That(remote.Signed, Is.EqualTo(1));
        Assert.That(Describe(there), Is.EqualTo(Describe(here)));
    }

    [TestCase(KeyAlgorithm.Ecdsa, 256)]
    [TestCase(KeyAlgorithm.Ecdsa, 384)]
    [TestCase(KeyAlgorithm.Rsa, 2048)]
    public async Task A_signature_is_told_from_that_of_another_key_and_over_other_data(KeyAlgorithm algorithm, int size)
    {
        using var pair = PrivateKeyPair.Create(algorithm, size);
        using var other = PrivateKeyPair.Create(algorithm, size);
        var data = "to be signed"u8.ToArray();
        var signature = await pair.SignAsync(data, CancellationToken.None);

        Assert.That(KeySignatures.Verify(pair.SubjectPublicKeyInfo, data, signature), Is.True);
        Assert.That(KeySignatures.Verify(other.SubjectPublicKeyInfo, data, signature), Is.False);
        Assert.That(KeySignatures.Verify(pair.SubjectPublicKeyInfo, "to be sIgned"u8, signature), Is.False);
        Assert.That(KeySignatures.Verify(pair.SubjectPublicKeyInfo, data, []), Is.False);
        Assert.That(KeySignatures.Verify([1, 2, 3], data, signature), Is.False);
    }

    [Test]
    public void A_reference_is_read_back_and_anything_else_is_none()
    {
        var reference = new KeyReference { Place = KeyPlaces.AwsKms, Key = "arn:aws:kms:eu-central-1:123456789012:key/1", Version = "3", PublicKeySha256 = new string('a', 64) };

        Assert.That(KeyReference.Parse(Encoding.UTF8.GetBytes(reference.ToJson())), Is.EqualTo(reference));
        Assert.That(KeyReference.Parse("{}"u8), Is.Null);
        Assert.That(KeyReference.Parse("null"u8), Is.Null);
        Assert.That(KeyReference.Parse("arn:aws:kms"u8), Is.Null);
        Assert.That(KeyReference.Parse([0xff, 0xfe]), Is.Null);
    }

    private static (string Subject, string Names, string Key) Describe(byte[] der)
    {
        // Loading verifies the signature.
        var request = CertificateRequest.LoadSigningRequest(der, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        return (request.SubjectName.Name, Convert.ToHexString(request.CertificateExtensions.Single().RawData), Convert.ToHexString(request.PublicKey.ExportSubjectPublicKeyInfo()));
    }

    private sealed class Elsewhere(PrivateKeyPair key) : ICertificateKey
    {
        public int Signed { get; private set; }

        public KeyAlgorithm Algorithm => key.Algorithm;

        public int Size => key.Size;

        public byte[] SubjectPublicKeyInfo => key.SubjectPublicKeyInfo;

        public KeyReference Reference { get; } = new() { Place = KeyPlaces.AwsKms, Key = "key", PublicKeySha256 = KeyReference.Fingerprint(key.SubjectPublicKeyInfo) };

        public PrivateKeyPair? Exported => null;

        public async Task<byte[]> SignAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
        {
            Signed++;
            return await key.SignAsync(data, cancellationToken);
        }

        public void Dispose()
        {
        }
    }
}

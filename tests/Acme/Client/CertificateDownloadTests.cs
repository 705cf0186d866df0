using CertOperator.Acme.Tests.Fakes;

namespace CertOperator.Acme.Tests.Client;

public sealed class CertificateDownloadTests
{
    private const string PemChain = "application/pem-certificate-chain";
    private const string Certificate = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";

    [Test]
    public async Task A_chain_comes_with_its_alternates()
    {
        using var ca = new FakeCa();
        ca.Server.OnPost("/cert/1", FakeResponse.Of(200, PemChain, Certificate + "\n" + Certificate)
            .With("Link", "<https://ca.test/directory>;rel=\"index\"")
            .With("Link", "<https://ca.test/cert/1/1>;rel=\"alternate\", </cert/1/2>;rel=\"alternate\", <ftp://ca.test/3>;rel=\"alternate\""));
        var account = await ca.NewAccountAsync();

        var chain = await account.DownloadCertificateAsync(FakeCa.Url("/cert/1"), default);

        Assert.That(chain.Pem, Is.EqualTo(Certificate + "\n" + Certificate));
        Assert.That(chain.Alternates, Is.EqualTo(new[] { FakeCa.Url("/cert/1/1"), FakeCa.Url("/cert/1/2") }));
        Assert.That(ca.Server.Received[^1].IsPostAsGet, Is.True);
    }

    private static IEnumerable<TestCaseData> NoChains()
    {
        yield return new TestCaseData(FakeResponse.Html(200)).SetName("A_page_is_no_chain");
        yield return new TestCaseData(FakeResponse.Of(200, PemChain, "")).SetName("Nothing_is_no_chain");
        yield return new TestCaseData(FakeResponse.Of(200, PemChain, "hello")).SetName("Text_is_no_chain");
        yield return new TestCaseData(FakeResponse.Of(200, PemChain, [0x30, 0x82, 0xff])).SetName("Der_is_no_chain");
        yield return new TestCaseData(FakeResponse.Of(200, PemChain, Certificate + "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n"))
            .SetName("A_private_key_has_no_place_in_a_chain");
        yield return new TestCaseData(FakeResponse.Of(200, PemChain, Certificate + "-----BEGIN CERTIFICATE-----\nMAA=\n")).SetName("A_chain_cut_short_is_refused");
        yield return new TestCaseData(FakeResponse.Of(200, PemChain, "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n")).SetName("Broken_base64_is_refused");
        yield return new TestCaseData(FakeResponse.Of(200, "application/json", "{}")).SetName("Json_is_no_chain");
    }

    [TestCaseSource(nameof(NoChains))]
    public async Task What_is_no_chain_of_certificates_is_a_protocol_error(FakeResponse answer)
    {
        using var ca = new FakeCa();
        ca.Server.OnPost("/cert/1", answer);
        var account = await ca.NewAccountAsync();

        await Assert.ThrowsAsync<AcmeProtocolException>(() => account.DownloadCertificateAsync(FakeCa.Url("/cert/1"), default));
    }
}

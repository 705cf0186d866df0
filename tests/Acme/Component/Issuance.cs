using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertOperator.TestSupport;

namespace CertOperator.Acme.Tests.Component;

/// <summary>The steps from an order to a certificate, as any caller of the library takes them.</summary>
internal static class Issuance
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static byte[] Csr(AsymmetricAlgorithm key, params string[] names)
    {
        var subject = new X500DistinguishedName("");
        var request = key is ECDsa ecdsa
            ? new CertificateRequest(subject, ecdsa, HashAlgorithmName.SHA256)
            : new CertificateRequest(subject, (RSA)key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var san = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                san.AddIpAddress(address);
            }
            else
            {
                san.AddDnsName(name);
            }
        }

        request.CertificateExtensions.Add(san.Build());
        return request.CreateSigningRequest();
    }

    public static NewOrderRequest OrderFor(params string[] names) => new()
    {
        Identifiers = [.. names.Select(n => IPAddress.TryParse(n, out var ip) ? AcmeIdentifier.Ip(ip) : AcmeIdentifier.Dns(n))],
    };

    /// <summary>Answers every authorization of the order over http-01 and waits until it is ready.</summary>
    public static async Task<AcmeOrder> AuthorizeAsync(AcmeAccountClient account, AccountKey key, Http01Answers answers, AcmeOrder order)
    {
        foreach (var url in order.Authorizations)
        {
            var authorization = await account.GetAuthorizationAsync(url, default);
            var challenge = authorization.Challenges.Single(c => c.Type == AcmeChallenge.Http01);
            answers[challenge.Token!] = KeyAuthorization.For(challenge.Token!, key);
            await account.AnswerChallengeAsync(challenge.Url, default);
        }

        return await SettledAsync(account, order, OrderStatus.Pending);
    }

    /// <summary>Waits until the order has left a status.</summary>
    public static Task<AcmeOrder> SettledAsync(AcmeAccountClient account, AcmeOrder order, OrderStatus left) =>
        Eventually.GetAsync(ct => account.GetOrderAsync(order.Url, ct), o => o.Status != left, Deadline, $"the order to leave {left}");

    public static async Task<(AcmeOrder Order, AcmeCertificateChain Chain)> IssueAsync(
        AcmeAccountClient account, AccountKey key, Http01Answers answers, AsymmetricAlgorithm certificateKey, params string[] names)
    {
        var order = await account.NewOrderAsync(OrderFor(names), default);
        order = await AuthorizeAsync(account, key, answers, order);
        order = await account.FinalizeAsync(order, Csr(certificateKey, names), default);
        order = await SettledAsync(account, order, OrderStatus.Processing);
        return (order, await account.DownloadCertificateAsync(order.Certificate!, default));
    }

    public static X509Certificate2 Leaf(AcmeCertificateChain chain) => X509Certificate2.CreateFromPem(chain.Pem);
}

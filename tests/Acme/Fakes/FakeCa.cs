using CertOperator.TestSupport;

namespace CertOperator.Acme.Tests.Fakes;

/// <summary>A fake server with a client of it and a clock that stands still.</summary>
public sealed class FakeCa : IDisposable
{
    private readonly HttpClient _http;

    public FakeCa(AcmeClientOptions? options = null, HttpMessageHandler? inBetween = null)
    {
        _http = new HttpClient(inBetween ?? Server);
        Client = new AcmeClient(_http, FakeAcmeServer.DirectoryUrl, options ?? new AcmeClientOptions(), Time, Requests);
    }

    public FakeAcmeServer Server { get; } = new();

    public ManualTimeProvider Time { get; } = new();

    public RequestLog Requests { get; } = new();

    public AccountKey Key { get; } = AccountKey.Create(AccountKeyAlgorithm.ES256);

    public AcmeClient Client { get; }

    public async Task<AcmeAccountClient> NewAccountAsync()
    {
        var account = await Client.CreateAccountAsync(Key, new NewAccountRequest { TermsOfServiceAgreed = true }, default);
        return Client.Account(Key, account.Url);
    }

    public static Uri Url(string path) => new(FakeAcmeServer.Base + path);

    public void Dispose()
    {
        Client.Dispose();
        Key.Dispose();
        _http.Dispose();
        Server.Dispose();
    }
}

using CertOperator.Acme.Tests.Fakes;
using CertOperator.TestSupport;

namespace CertOperator.Acme.Tests.Component;

/// <summary>A Pebble, a client of it and the answers to its challenges.</summary>
internal sealed class PebbleFixture : IAsyncDisposable
{
    private readonly HttpClient _http;

    private PebbleFixture(Pebble pebble, Http01Answers answers)
    {
        Pebble = pebble;
        Answers = answers;
        _http = pebble.CreateHttpClient();
        Client = NewClient();
    }

    public Pebble Pebble { get; }

    public Http01Answers Answers { get; }

    public AcmeClient Client { get; }

    public RequestLog Requests { get; } = new();

    public static async Task<PebbleFixture> StartAsync(PebbleOptions? options = null)
    {
        var pebble = await Pebble.StartAsync(options ?? new PebbleOptions { Strict = true });
        return new PebbleFixture(pebble, await Http01Answers.StartAsync(pebble.HttpPort));
    }

    public AcmeClient NewClient(RequestLog? log = null) =>
        new(_http, Pebble.DirectoryUrl, new AcmeClientOptions { UserAgent = "tests" }, TimeProvider.System, log ?? Requests);

    public async Task<AcmeAccountClient> NewAccountAsync(AccountKey key)
    {
        var account = await Client.CreateAccountAsync(key, new NewAccountRequest { TermsOfServiceAgreed = true }, default);
        return Client.Account(key, account.Url);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _http.Dispose();
        await Answers.DisposeAsync();
        await Pebble.DisposeAsync();
    }
}

using CertOperator.Acme.Tests.Fakes;

namespace CertOperator.Acme.Tests.Client;

public sealed class NonceHandlingTests
{
    [Test]
    public async Task One_nonce_is_asked_for_and_then_every_response_brings_the_next()
    {
        using var ca = new FakeCa();
        ca.Server.OnPost("/account/1", FakeResponse.Json(200, Resources.Account));
        var account = await ca.NewAccountAsync();

        for (var i = 0; i < 5; i++)
        {
            await account.GetAsync(default);
        }

        Assert.That(ca.Requests.Entries.Select(e => e.Action), Is.EqualTo(new[]
        {
            AcmeActions.Directory, AcmeActions.NewNonce, AcmeActions.NewAccount,
            AcmeActions.Account, AcmeActions.Account, AcmeActions.Account, AcmeActions.Account, AcmeActions.Account,
        }));
    }

    [Test]
    public async Task A_nonce_that_the_server_forgot_is_replaced_by_the_one_in_its_refusal()
    {
        using var ca = new FakeCa();
        ca.Server.OnPost("/account/1", FakeResponse.Json(200, Resources.Account));
        var account = await ca.NewAccountAsync();
        ca.Server.ForgetNonces();
        ca.Requests.Clear();

        await account.GetAsync(default);

        Assert.That(ca.Requests.Entries.Select(e => (e.Action, e.Status)), Is.EqualTo(new[] { (AcmeActions.Account, 400), (AcmeActions.Account, 200) }));
    }

    [Test]
    public async Task Nonces_older_than_their_lifetime_are_not_tried()
    {
        using var ca = new FakeCa();
        ca.Server.OnPost("/account/1", FakeResponse.Json(200, Resources.Account));
        var account = await ca.NewAccountAsync();
        ca.Time.Advance(TimeSpan.FromMinutes(61));
        ca.Requests.Clear();

        await account.GetAsync(default);

        Assert.That(ca.Requests.Entries.Select(e => e.Action), Is.EqualTo(new[] { AcmeActions.NewNonce, AcmeActions.Account }));
    }

    [Test]
    public async Task A_server_that_refuses_every_nonce_is_given_up_on()
    {
        using var ca = new FakeCa(new AcmeClientOptions { MaxBadNonceRetries = 4 });
        ca.Server.OnPost("/account/1", FakeResponse.Problem(400, "badNonce"));
        var account = await ca.NewAccountAsync();
        ca.Requests.Clear();

        var refused = await Assert.ThrowsAsync<AcmeProblemException>(() => account.GetAsync(default));

        Assert.That(refused!.Kind, Is.EqualTo(AcmeErrorKind.BadNonce));
        Assert.That(ca.Requests.Count(AcmeActions.Account), Is.EqualTo(5));
    }

    [Test]
    public async Task A_refusal_without_a_nonce_makes_the_client_ask_for_one()
    {
        using var ca = new FakeCa();
        var calls = 0;
        ca.Server.OnPost("/account/1", _ => calls++ == 0
            ? FakeResponse.Problem(400, "badNonce") with { WithNonce = false }
            : FakeResponse.Json(200, Resources.Account));
        var account = await ca.NewAccountAsync();
        ca.Requests.Clear();

        await account.GetAsync(default);

        Assert.That(ca.Requests.Entries.Select(e => e.Action), Is.EqualTo(new[] { AcmeActions.Account, AcmeActions.NewNonce, AcmeActions.Account }));
    }

    [Test]
    public async Task Responses_without_nonces_cost_a_request_each_but_work()
    {
        using var ca = new FakeCa();
        ca.Server.OnPost("/account/1", FakeResponse.Json(200, Resources.Account) with { WithNonce = false });
        var account = await ca.NewAccountAsync();
        ca.Requests.Clear();

        await account.GetAsync(default);
        await account.GetAsync(default);

        Assert.That(ca.Requests.Count(AcmeActions.NewNonce), Is.EqualTo(1));
    }

    [Test]
    public void A_new_nonce_answer_without_a_nonce_is_a_protocol_error()
    {
        using var ca = new FakeCa();
        ca.Server.NewNonceAnswer = new FakeResponse(200);

        Assert.That(async () => await ca.NewAccountAsync(), Throws.InstanceOf<AcmeProtocolException>().With.Message.Contains("Replay-Nonce"));
    }

    [Test]
    public async Task Only_bad_nonces_are_retried()
    {
        using var ca = new FakeCa();
        ca.Server.OnPost("/account/1", FakeResponse.Problem(500, "serverInternal"));
        var account = await ca.NewAccountAsync();
        ca.Requests.Clear();

        await Assert.ThrowsAsync<AcmeProblemException>(() => account.GetAsync(default));

        Assert.That(ca.Requests.Entries, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Concurrent_requests_never_share_a_nonce()
    {
        using var ca = new FakeCa();
        ca.Server.OnPost("/account/1", FakeResponse.Json(200, Resources.Account));
        var account = await ca.NewAccountAsync();
        ca.Requests.Clear();

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => account.GetAsync(default))));

        Assert.That(ca.Requests.Entries, Has.None.Matches<RequestLog.Entry>(e => e!.Status == 400));
    }
}

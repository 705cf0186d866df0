using CertOperator.Providers.Incidents;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Incidents;

internal sealed class IncidentSinksTests : SinkTest
{
    [Test]
    public async Task A_receiver_that_does_not_answer_is_cut_off()
    {
        var receiver = await ReceiverAsync();
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource<ProxiedAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        receiver.Answer = _ =>
        {
            reached.TrySetResult();
            return release.Task;
        };

        var telling = TellAsync(Target(receiver));
        await reached.Task;
        Clock.Advance(IncidentSinks.TryTimeout);
        var outcome = await telling;
        release.SetResult(ProxiedAnswer.Dropped);

        Assert.That(outcome, Is.EqualTo(new DeliveryOutcome.Retry("The receiver did not take the message within 15 s.", null)));
    }

    [Test]
    public async Task A_receiver_that_fails_again_and_again_is_left_alone_for_a_while_and_others_are_not()
    {
        var receiver = await ReceiverAsync();
        receiver.AnswerWith(ProxiedAnswer.Of(500, "text/plain", ""));
        for (var i = 0; i < IncidentSinks.FailuresBeforeBreak; i++)
        {
            Assert.That(await TellAsync(Target(receiver)), Is.TypeOf<DeliveryOutcome.Retry>());
        }

        var postponed = await TellAsync(Target(receiver));
        receiver.AnswerWith(ProxiedAnswer.Of(200, "text/plain", ""));
        var other = await Sinks.DeliverAsync("bank/receiver", Target(receiver), Opened, CancellationToken.None);
        Clock.Advance(IncidentSinks.BreakDuration);
        var after = await TellAsync(Target(receiver));

        Assert.That(postponed, Is.TypeOf<DeliveryOutcome.Postponed>().With.Property("Delay").LessThanOrEqualTo(IncidentSinks.BreakDuration));
        Assert.That(other, Is.EqualTo(new DeliveryOutcome.Delivered()));
        Assert.That(after, Is.EqualTo(new DeliveryOutcome.Delivered()));
        Assert.That(receiver.Requests, Has.Count.EqualTo(IncidentSinks.FailuresBeforeBreak + 2));
    }

    [Test]
    public async Task A_refusal_says_nothing_against_the_receiver()
    {
        var receiver = await ReceiverAsync();
        receiver.AnswerWith(ProxiedAnswer.Of(302, "text/plain", ""));
        for (var i = 0; i <= IncidentSinks.FailuresBeforeBreak; i++)
        {
            Assert.That(await TellAsync(Target(receiver)), Is.TypeOf<DeliveryOutcome.Refused>());
        }
    }

    [Test]
    public void Targets_do_not_show_their_credentials()
    {
        IncidentTarget[] targets =
        [
            new IncidentTarget.PagerDuty("secret", new Uri("https://example.com/secret")),
            new IncidentTarget.Webhook("ops", new Uri("https://example.com/secret"), "secret"u8.ToArray(), null),
            new IncidentTarget.Slack(new Uri("https://example.com/secret")),
            new IncidentTarget.Mail(new MailServer("mail.example.com", 25, true, null, new MailLogin("secret", "secret")), "a@example.com", "b@example.com"),
        ];

        Assert.That(targets.Select(t => t.ToString()), Is.EqualTo(new[] { "PagerDuty", "Webhook", "Slack", "Mail" }));
        Assert.That(((IncidentTarget.Mail)targets[3]).Server.ToString(), Is.EqualTo("mail.example.com"));
        Assert.That(((IncidentTarget.Mail)targets[3]).Server.Login!.ToString(), Is.EqualTo("MailLogin"));
    }

    private static IncidentTarget.Webhook Target(HttpReceiver receiver) => new("ops", receiver.Address, "key"u8.ToArray(), null);
}

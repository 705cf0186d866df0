using System.Text;
using CertOperator.Providers.Incidents;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Incidents;

internal sealed class MailSinkTests : SinkTest
{
    private static readonly MailLogin Login = new("operator", "pässword");

    [Test]
    public async Task A_mail_is_sent_encrypted_after_a_login_and_says_all()
    {
        await using var server = new FakeMailServer();

        var outcome = await TellAsync(Target(server, Login), Opened with { Summary = "Ümläut\r\nBcc: victim@example.com" });

        var lines = server.Lines;
        Assert.That(outcome, Is.EqualTo(new DeliveryOutcome.Delivered()));
        Assert.That(lines.Take(7), Is.EqualTo(new[]
        {
            "EHLO [127.0.0.1]",
            "STARTTLS",
            "tls:EHLO [127.0.0.1]",
            $"tls:AUTH PLAIN {Convert.ToBase64String("\0operator\0pässword"u8)}",
            "tls:MAIL FROM:<certificates@example.com>",
            "tls:RCPT TO:<ops@example.com>",
            "tls:DATA",
        }));
        var message = lines.Skip(7).TakeWhile(l => l != "tls:.").Select(l => l[4..]).ToList();
        var headers = message.TakeWhile(l => l.Length > 0).ToList();
        var body = Encoding.UTF8.GetString(Convert.FromBase64String(string.Concat(message.Skip(headers.Count + 1))));
        Assert.That(headers, Is.EqualTo(new[]
        {
            "From: certificates@example.com",
            "To: ops@example.com",
            $"Subject: =?utf-8?B?{Convert.ToBase64String("Ümläut  Bcc: victim@example.com"u8)}?=",
            "Date: Tue, 01 Jan 2030 00:00:00 +0000",
            "Message-ID: <0123456789abcdef@example.com>",
            headers[5],
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64",
        }));
        Assert.That(headers[5], Does.Match("^References: <[0-9a-f]{32}@example.com>$"));
        Assert.That(body, Does.Contain("Policy: shop/www\r\n").And.Contain("Why: PlaceOrder: the CA said").And.Contain("Certificate expires: 2030-01-20 12:00 UTC\r\n").And.Contain("https://wiki.example.com/certificates"));
        Assert.That(message, Is.All.Length.LessThanOrEqualTo(78));
    }

    [Test]
    public async Task All_mails_of_an_incident_refer_to_the_same_thread()
    {
        await using var server = new FakeMailServer();

        await TellAsync(Target(server));
        await TellAsync(Target(server), Resolved);

        var references = server.Lines.Where(l => l.StartsWith("tls:References", StringComparison.Ordinal)).ToList();
        Assert.That(references, Has.Count.EqualTo(2));
        Assert.That(references.Distinct().Count(), Is.EqualTo(1));
        Assert.That(server.Lines, Has.Some.EqualTo("tls:Subject: The certificate renewal of www.example.com works again"));
    }

    [Test]
    public async Task A_long_subject_becomes_several_words_that_each_can_be_read()
    {
        await using var server = new FakeMailServer();
        var text = string.Concat(Enumerable.Repeat("Ünïcödé 😀 ", 12));

        await TellAsync(Target(server), Opened with { Summary = text });

        var words = server.Lines.Where(l => l.Contains("=?utf-8?B?", StringComparison.Ordinal)).Select(l => l[(l.IndexOf("=?", StringComparison.Ordinal) + 10)..^2]).ToList();
        Assert.That(words, Has.Count.GreaterThan(2));
        Assert.That(string.Concat(words.Select(w => Encoding.UTF8.GetString(Convert.FromBase64String(w)))), Is.EqualTo(text));
    }

    [Test]
    public async Task A_server_that_knows_LOGIN_alone_gets_that()
    {
        await using var server = new FakeMailServer();
        server.Replies["EHLO"] = "250-mail.example.com\r\n250-STARTTLS\r\n250 AUTH LOGIN";
        server.Replies["AUTH"] = "334 UGFzc3dvcmQ6";

        await TellAsync(Target(server, Login));

        Assert.That(server.Lines.Skip(3).Take(3), Is.EqualTo(new[] { "tls:AUTH LOGIN", "tls:" + Convert.ToBase64String("operator"u8), "tls:" + Convert.ToBase64String("pässword"u8) }));
    }

    [Test]
    public async Task Without_STARTTLS_nothing_is_sent()
    {
        await using var server = new FakeMailServer();
        server.Replies["EHLO"] = "250 mail.example.com";

        var outcome = await TellAsync(Target(server, Login));

        Assert.That(outcome, Is.TypeOf<DeliveryOutcome.Refused>().With.Property("Message").Contains("offers no STARTTLS").And.Property("Message").Contains("startTls: false"));
        Assert.That(server.Lines, Is.EqualTo(new[] { "EHLO [127.0.0.1]" }));
    }

    [Test]
    public async Task Where_it_is_allowed_a_mail_goes_without_encryption()
    {
        await using var server = new FakeMailServer();

        var outcome = await TellAsync(new IncidentTarget.Mail(new MailServer("127.0.0.1", server.Port, false, null, null), "certificates@example.com", "ops@example.com"));

        Assert.That(outcome, Is.EqualTo(new DeliveryOutcome.Delivered()));
        Assert.That(server.Lines[1], Is.EqualTo("MAIL FROM:<certificates@example.com>"));
    }

    [Test]
    public async Task A_server_with_the_certificate_of_another_CA_gets_nothing()
    {
        await using var server = new FakeMailServer();

        var outcome = await TellAsync(new IncidentTarget.Mail(new MailServer("127.0.0.1", server.Port, true, null, Login), "certificates@example.com", "ops@example.com"));

        Assert.That(outcome, Is.TypeOf<DeliveryOutcome.Retry>().With.Property("Message").Contains("is not trusted"));
        Assert.That(server.Lines, Is.EqualTo(new[] { "EHLO [127.0.0.1]", "STARTTLS" }));
    }

    [Test]
    public async Task Replies_that_were_put_before_the_encryption_end_the_session()
    {
        await using var server = new FakeMailServer();
        server.Replies["STARTTLS"] = "220 go ahead\r\n250-mail.example.com\r\n250 AUTH PLAIN";

        var outcome = await TellAsync(Target(server, Login));

        Assert.That(outcome, Is.TypeOf<DeliveryOutcome.Retry>().With.Property("Message").Contains("more than one answer to STARTTLS"));
        Assert.That(server.Lines, Has.None.Contains("AUTH"));
    }

    [TestCase("", "554 go away", false)]
    [TestCase("", "421 busy", true)]
    [TestCase("EHLO", "502 what?", false)]
    [TestCase("MAIL", "451 later", true)]
    [TestCase("RCPT", "550 no such user here", false)]
    [TestCase("RCPT", "450-greylisted\r\n450 come back", true)]
    [TestCase("DATA", "554 no", false)]
    [TestCase(".", "452 full", true)]
    [TestCase(".", "552 too large", false)]
    public async Task What_the_server_refuses_is_told_and_tried_again_where_it_may_change(string command, string reply, bool again)
    {
        await using var server = new FakeMailServer();
        server.Replies[command] = reply;

        var outcome = await TellAsync(Target(server));

        Assert.That(outcome, again ? Is.TypeOf<DeliveryOutcome.Retry>() : Is.TypeOf<DeliveryOutcome.Refused>());
        Assert.That(outcome.ToString(), Does.Contain("127.0.0.1 refused").And.Contain(reply[..3]));
    }

    [Test]
    public async Task A_refused_login_does_not_repeat_what_the_server_says()
    {
        await using var server = new FakeMailServer();
        server.Replies["AUTH"] = "535 wrong password: pässword";

        var outcome = await TellAsync(Target(server, Login));

        Assert.That(outcome, Is.EqualTo(new DeliveryOutcome.Refused("127.0.0.1 refused the login: 535")));
    }

    [TestCase("HTTP/1.1 400 Bad Request")]
    [TestCase("22")]
    [TestCase("220x")]
    public async Task Something_else_than_a_mail_server_is_recognised(string greeting)
    {
        await using var server = new FakeMailServer();
        server.Replies[""] = greeting;

        Assert.That(await TellAsync(Target(server)), Is.TypeOf<DeliveryOutcome.Retry>().With.Property("Message").Contains("does not answer as a mail server does"));
    }

    [Test]
    public async Task A_reply_without_an_end_is_cut_off()
    {
        await using var server = new FakeMailServer();
        server.Replies[""] = new string('2', 100_000);
        Assert.That(await TellAsync(Target(server)), Is.TypeOf<DeliveryOutcome.Retry>());

        server.Replies[""] = string.Concat(Enumerable.Repeat("220-more\r\n", 1000)) + "220 end";
        Assert.That(await TellAsync(Target(server)), Is.TypeOf<DeliveryOutcome.Retry>());
    }

    [Test]
    public async Task A_mail_server_at_an_address_that_is_not_allowed_is_not_dialled()
    {
        var outcome = await TellAsync(new IncidentTarget.Mail(new MailServer("127.0.0.2", 25, true, null, null), "certificates@example.com", "ops@example.com"));

        Assert.That(outcome, Is.TypeOf<DeliveryOutcome.Refused>().With.Property("Message").Contains("--egress-allow"));
    }

    [Test]
    [Category("Component")]
    public async Task A_real_mail_server_takes_the_mail()
    {
        await using var server = await MailReceiver.StartAsync();
        var target = new IncidentTarget.Mail(new MailServer("127.0.0.1", server.Port, true, server.CaPem, null), "certificates@example.com", "ops@example.com");

        Assert.That(await TellAsync(target), Is.EqualTo(new DeliveryOutcome.Delivered()));

        var mail = server.Mails.Single();
        Assert.That(mail, Does.Contain("To: ops@example.com").And.Contain("X-MailFrom: certificates@example.com").And.Contain("Subject: The certificate renewal of www.example.com fails"));
    }

    private static IncidentTarget.Mail Target(FakeMailServer server, MailLogin? login = null)
        => new(new MailServer("127.0.0.1", server.Port, true, server.CaPem, login), "certificates@example.com", "ops@example.com");
}

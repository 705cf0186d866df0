using System.Text;
using System.Text.Json;
using CertOperator.Operator.Hosting.Logging;
using CertOperator.Operator.Options;
using CertOperator.TestSupport;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Hosting;

public sealed class LoggingTests
{
    private static readonly Action<ILogger, string, int, Exception?> Placed =
        LoggerMessage.Define<string, int>(LogLevel.Information, new EventId(42, "OrderPlaced"), "Placed order {Order} with {Count} names");

    [Test]
    public void A_record_is_one_JSON_object_with_its_values_as_fields()
    {
        var line = Json(logger =>
        {
            using (logger.BeginScope(new Dictionary<string, object?> { ["policy"] = "outer", ["Namespace"] = "shop" }))
            using (logger.BeginScope(new Dictionary<string, object?> { ["run"] = "web-1", ["policy"] = "web" }))
            {
                Placed(logger, "o/1", 3, null);
            }
        });

        Assert.That(line, Is.EqualTo(
            """
            {"timestamp":"2030-01-01T00:00:00.000Z","level":"info","logger":"Tests","message":"Placed order o/1 with 3 names","eventId":42,"event":"OrderPlaced","order":"o/1","count":3,"run":"web-1","policy":"web","namespace":"shop"}
            """));
    }

    [Test]
    public void An_exception_is_a_field_and_line_feeds_stay_inside_the_line()
    {
        var line = Json(logger => logger.LogError(new InvalidOperationException("broken\nin two"), "It\nfailed"));

        using var json = JsonDocument.Parse(line);
        Assert.Multiple(() =>
        {
            Assert.That(line, Does.Not.Contain('\n'));
            Assert.That(json.RootElement.GetProperty("level").GetString(), Is.EqualTo("error"));
            Assert.That(json.RootElement.GetProperty("message").GetString(), Is.EqualTo("It\nfailed"));
            Assert.That(json.RootElement.GetProperty("exception").GetString(), Does.StartWith("System.InvalidOperationException: broken\nin two"));
        });
    }

    [Test]
    public void A_value_named_like_a_fixed_field_gets_an_underscore()
    {
        var line = Json(logger => logger.LogInformation("A {Message} at {Level} {Missing} {Good} {Bytes}", "m", 2.5, null, true, new byte[3]));

        Assert.That(line, Does.EndWith("""
            "message_":"m","level_":2.5,"missing":null,"good":true,"bytes":"(3 bytes)"}
            """));
    }

    [TestCase("before -----BEGIN EC PRIVATE KEY-----\nMHcCAQ\n-----END EC PRIVATE KEY----- after", "before (removed) after", TestName = "A_private_key_is_taken_out")]
    [TestCase("cut -----BEGIN PRIVATE KEY-----\nMHcCAQ", "cut (removed)", TestName = "A_private_key_that_was_cut_off_is_taken_out")]
    [TestCase("Authorization: Bearer abcdef0123456789", "Authorization: Bearer (removed)", TestName = "A_bearer_token_is_taken_out")]
    [TestCase("token eyJhbGciOi.eyJpc3Mi.c2ln!", "token (removed)!", TestName = "A_web_token_is_taken_out")]
    [TestCase("-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----", TestName = "A_certificate_stays")]
    public void Secret(string text, string expected)
    {
        var line = Json(logger => logger.LogInformation(new InvalidOperationException(text), "{Text}", text));

        using var json = JsonDocument.Parse(line);
        Assert.Multiple(() =>
        {
            Assert.That(json.RootElement.GetProperty("message").GetString(), Is.EqualTo(expected));
            Assert.That(json.RootElement.GetProperty("text").GetString(), Is.EqualTo(expected));
            Assert.That(json.RootElement.GetProperty("exception").GetString(), Does.EndWith(expected));
        });
    }

    [Test]
    public void Text_is_for_people()
    {
        var text = Write(LogFormat.Text, logger =>
        {
            using (logger.BeginScope(new Dictionary<string, object?> { ["policy"] = "web", ["note"] = "two words" }))
            {
                Placed(logger, "o/1\n2030 forged", 3, null);
            }
        });

        Assert.That(text, Is.EqualTo("2030-01-01T00:00:00.000Z info  Tests: Placed order o/1\\n2030 forged with 3 names policy=web note=\"two words\"\n"));
    }

    [TestCase("info", "Microsoft.AspNetCore.Server.Kestrel", LogLevel.Information, false)]
    [TestCase("info", "Microsoft.AspNetCore.Server.Kestrel", LogLevel.Warning, true)]
    [TestCase("debug", "Microsoft.AspNetCore.Server.Kestrel", LogLevel.Debug, true)]
    [TestCase("info", "CertOperator.Operator", LogLevel.Debug, false)]
    [TestCase("error", "CertOperator.Operator", LogLevel.Warning, false)]
    [TestCase("error", "CertOperator.Operator", LogLevel.Error, true)]
    public void What_is_logged(string level, string category, LogLevel record, bool expected)
    {
        var options = OptionTable.All.Single(o => o.Name == "log-level").Apply(new OperatorOptions(), level)!;
        using var loggers = LoggingSetup.Create(options, new ManualTimeProvider(), Stream.Null);

        Assert.That(loggers.CreateLogger(category).IsEnabled(record), Is.EqualTo(expected));
    }

    [Test]
    public void All_lines_are_out_when_the_factory_is_disposed()
    {
        var text = Write(LogFormat.Json, logger =>
        {
            for (var i = 0; i < 5000; i++)
            {
                Placed(logger, "o", i, null);
            }
        });

        Assert.That(text.Count(c => c == '\n'), Is.EqualTo(5000));
    }

    [Test]
    public async Task A_reader_that_stopped_blocks_nobody_and_is_told_what_was_dropped()
    {
        using var output = new BlockedStream();
        using (var provider = new QueueLoggerProvider(LogFormat.Json, output, new ManualTimeProvider(), capacity: 10))
        {
            var logger = provider.CreateLogger("Tests");
            Placed(logger, "first", 0, null);
            await output.Blocked;
            for (var i = 0; i < 100; i++)
            {
                Placed(logger, "o", i, null);
            }

            output.Release();
        }

        var lines = Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Multiple(() =>
        {
            Assert.That(lines, Has.Length.EqualTo(12));
            Assert.That(lines[^1], Does.Contain("90 log lines were dropped"));
        });
    }

    private static string Json(Action<ILogger> log) => Write(LogFormat.Json, log).TrimEnd('\n');

    private static string Write(LogFormat format, Action<ILogger> log)
    {
        using var output = new MemoryStream();
        using (var loggers = LoggingSetup.Create(new OperatorOptions { LogFormat = format }, new ManualTimeProvider(), output))
        {
            log(loggers.CreateLogger("Tests"));
        }

        return Encoding.UTF8.GetString(output.ToArray());
    }

    /// <summary>Takes nothing until it is released.</summary>
    private sealed class BlockedStream : MemoryStream
    {
        private readonly TaskCompletionSource _blocked = new();
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Blocked => _blocked.Task;

        public void Release() => _released.SetResult();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _blocked.TrySetResult();
            await _released.Task;
            await base.WriteAsync(buffer, cancellationToken);
        }
    }
}

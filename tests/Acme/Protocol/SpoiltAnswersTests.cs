using System.Text;
using System.Text.Json;
using CertOperator.Acme.Tests.Fakes;
using CertOperator.TestSupport;

namespace CertOperator.Acme.Tests.Protocol;

/// <summary>Whatever a server sends becomes a value or an error that says what is wrong with it, and nothing else.</summary>
public sealed class SpoiltAnswersTests
{
    private const int Rounds = 4000;
    private static readonly Uri Url = new("https://ca.example.com/acme/thing");

    private static readonly byte[][] Samples =
    [
        """{"type":"urn:ietf:params:acme:error:compound","title":"t","detail":"Many.","status":403,"instance":"/a","subproblems":[{"type":"urn:ietf:params:acme:error:caa","detail":"No.","identifier":{"type":"dns","value":"a.example"}}]}"""u8.ToArray(),
        """{"suggestedWindow":{"start":"2026-11-22T00:00:00Z","end":"2026-11-24T00:00:00+01:00"},"explanationURL":"https://ca.example.com/why"}"""u8.ToArray(),
        """{"status":"pending","expires":"2026-11-22T00:00:00Z","identifiers":[{"type":"dns","value":"a.example"}],"authorizations":["https://ca.example.com/z/1"],"finalize":"https://ca.example.com/f/1","error":{"type":"x","status":400}}"""u8.ToArray(),
        """{"status":"pending","identifier":{"type":"dns","value":"a.example"},"challenges":[{"type":"http-01","url":"https://ca.example.com/c/1","status":"pending","token":"abc"}],"wildcard":false}"""u8.ToArray(),
        """{"newNonce":"https://ca.example.com/n","newAccount":"https://ca.example.com/a","newOrder":"https://ca.example.com/o","revokeCert":"https://ca.example.com/r","keyChange":"https://ca.example.com/k","renewalInfo":"https://ca.example.com/i","meta":{"caaIdentities":["ca.example"],"externalAccountRequired":true,"profiles":{"classic":"x","odd":3}}}"""u8.ToArray(),
        """{"status":"valid","contact":["mailto:a@example.com"],"orders":"https://ca.example.com/l"}"""u8.ToArray(),
    ];

    [Test]
    public void A_problem_document_that_is_spoilt_is_still_a_bounded_text_or_no_problem()
    {
        for (int seed = 0; seed < Rounds; seed++)
        {
            AcmeProblem? problem = ProblemReader.Read(Response(Mutator.Spoil(Samples, seed), 400 + (seed % 120), "application/problem+json"));
            string text = problem?.ToString() ?? "";
            Assert.That(text, Has.Length.LessThan(300_000), $"seed {seed}");
            Assert.That(problem?.Detail.Any(char.IsControl) ?? false, Is.False, $"seed {seed}");
        }
    }

    [Test]
    public void A_resource_that_is_spoilt_is_read_or_refused()
    {
        var reader = new ResourceReader(new ServerUrls(Url));
        Action<AcmeResponse>[] kinds =
        [
            r => reader.Directory(r), r => reader.Account(r, Url), r => reader.Order(r, Url), r => reader.Authorization(r, Url),
            r => reader.Challenge(r), r => reader.OrderList(r), r => Check(ResourceReader.RenewalInfo(r)),
        ];
        int refused = 0;
        for (int seed = 0; seed < Rounds; seed++)
        {
            AcmeResponse response = Response(Mutator.Spoil(Samples, seed), 200, "application/json");
            foreach (Action<AcmeResponse> read in kinds)
            {
                try
                {
                    read(response);
                }
                catch (AcmeProtocolException)
                {
                    refused++;
                }
                catch (Exception e)
                {
                    Assert.Fail($"seed {seed}, {Encoding.UTF8.GetString(response.Body)}: {e}");
                }
            }
        }

        Assert.That(refused, Is.InRange(Rounds, Rounds * kinds.Length - 1), "most is refused, and not all");

        static void Check(RenewalInfo info) => Assert.That(info.End, Is.GreaterThan(info.Start));
    }

    [Test]
    public void A_Retry_After_of_any_text_is_a_wait_within_bounds_or_none()
    {
        byte[][] samples = ["120"u8.ToArray(), "Fri, 31 Dec 2027 23:59:59 GMT"u8.ToArray(), "Sunday, 06-Nov-94 08:49:37 GMT"u8.ToArray(), "Sun Nov  6 08:49:37 2094"u8.ToArray(), "18446744073709551616"u8.ToArray()];
        var longest = TimeSpan.FromDays(1);
        for (int seed = 0; seed < Rounds; seed++)
        {
            string text = Encoding.Latin1.GetString(Mutator.Spoil(samples, seed));
            TimeSpan? wait = RetryAfterHeader.Parse(text, new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero), longest);
            Assert.That(wait ?? TimeSpan.Zero, Is.InRange(TimeSpan.Zero, longest), text);
        }
    }

    [Test]
    public void Any_payload_and_URL_make_a_JWS_that_verifies()
    {
        using AccountKey key = AccountKey.Create(AccountKeyAlgorithm.ES256);
        for (int seed = 0; seed < 300; seed++)
        {
            byte[] payload = Mutator.Spoil(Samples, seed);
            string nonce = Encoding.Latin1.GetString(payload[..Math.Min(40, payload.Length)]);
            byte[] jws = Jws.Serialize(key, JwsKeyReference.ByJwk(key), nonce, new Uri($"https://ca.example.com/?q={Uri.EscapeDataString(nonce)}&x=\u00e9"), payload);
            var (header, read, input, signature) = JwsVerifier.Read(JsonDocument.Parse(jws).RootElement);
            JwsVerifier.Verify(header.GetProperty("jwk"), "ES256", input, signature);
            Assert.That(read, Is.EqualTo(payload), $"seed {seed}");
            Assert.That(header.GetProperty("nonce").GetString(), Is.EqualTo(nonce), $"seed {seed}");
        }
    }

    private static AcmeResponse Response(byte[] body, int status, string mediaType) => new()
    {
        Url = Url,
        Action = "fetch",
        Status = status,
        MediaType = mediaType,
        Body = body,
        Nonce = null,
        Location = null,
        Links = [],
        RetryAfter = null,
    };
}

namespace CertOperator.Acme.Tests.Fakes;

/// <summary>Well-formed resources, each with every member that the library reads.</summary>
public static class Resources
{
    public const string Account = """{"status":"valid","contact":["mailto:a@example.com"],"orders":"https://ca.test/account/1/orders"}""";

    public const string Order =
        """
        {"status":"invalid","expires":"2030-01-08T00:00:00.123456789Z","notBefore":"2030-01-01T00:00:00Z","notAfter":"2030-01-02T00:00:00+01:00",
        "identifiers":[{"type":"dns","value":"example.com"}],"authorizations":["https://ca.test/authz/1"],"finalize":"https://ca.test/finalize/1",
        "certificate":"https://other.test/cert/1","replaces":"YQ.Yg","profile":"short",
        "error":{"type":"urn:ietf:params:acme:error:compound","detail":"two names","status":403,"subproblems":[
        {"type":"urn:ietf:params:acme:error:caa","detail":"CAA forbids it","identifier":{"type":"dns","value":"example.com"}}]}}
        """;

    public const string Authorization =
        """
        {"status":"pending","expires":"2030-01-08T00:00:00Z","identifier":{"type":"dns","value":"example.com"},"wildcard":true,"challenges":[
        {"type":"http-01","url":"https://ca.test/chall/1","status":"pending","token":"abc-_123"},
        {"type":"dns-01","url":"https://ca.test/chall/2","status":"invalid","token":"def","error":{"type":"urn:ietf:params:acme:error:dns","detail":"NXDOMAIN"}},
        {"type":"dns-persist-01","url":"https://ca.test/chall/3","status":"pending"}]}
        """;

    public const string Challenge =
        """{"type":"http-01","url":"https://ca.test/chall/1","status":"valid","token":"abc-_123","validated":"2030-01-01T00:00:05Z"}""";

    public const string OrderList = """{"orders":["https://ca.test/order/1","https://ca.test/order/2"]}""";

    public const string RenewalInfo =
        """{"suggestedWindow":{"start":"2030-02-01T00:00:00Z","end":"2030-02-03T00:00:00Z"},"explanationURL":"https://ca.test/why"}""";

    public static string ReadyOrder { get; } = Order.Replace("\"invalid\"", "\"ready\"", StringComparison.Ordinal);
}

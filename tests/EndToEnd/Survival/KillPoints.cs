using CertOperator.TestSupport.Proxies;

namespace CertOperator.EndToEnd.Survival;

/// <summary>Every request by which a run moves on: those to the CA, and those that write to the cluster.</summary>
internal static class KillPoints
{
    private static readonly (string Name, AcmeRequestKind[] Path)[] Acme =
    [
        ("the directory is read", [AcmeRequestKind.Directory]),
        ("the account is registered", [AcmeRequestKind.NewAccount]),
        ("the order is placed", [AcmeRequestKind.NewOrder]),
        ("the authorization is read", [AcmeRequestKind.Authorization]),
        ("the challenge is answered", [AcmeRequestKind.Challenge]),
        ("the order is polled for its validation", [AcmeRequestKind.Challenge, AcmeRequestKind.Order]),
        ("the order is finalized", [AcmeRequestKind.Finalize]),
        ("the order is polled for its certificate", [AcmeRequestKind.Finalize, AcmeRequestKind.Order]),
        ("the certificate is downloaded", [AcmeRequestKind.Certificate]),
    ];

    private static readonly (string Name, Func<ApiRequest, bool> Matches)[] Api =
    [
        ("the run is created", r => r is { Verb: "create", Resource: "certificaterenewalruns" }),
        ("the account's Secret is created", r => r is { Verb: "create", Resource: "secrets" } && Holds(r, "certoperator-acme-")),
        ("the key is staged", r => r is { Verb: "create", Resource: "secrets" } && Holds(r, "certoperator-state-")),
        ("the order is noted", r => r.Resource == "certificaterenewalruns/status" && Holds(r, "\"finalizeUrl\"")),
        ("the Secret is written", r => r is { Verb: "patch", Resource: "secrets" }),
        ("the run's end is noted", r => r.Resource == "certificaterenewalruns/status" && Holds(r, "\"Succeeded\"")),
        ("the policy's status is written", r => r.Resource == "certificaterenewalpolicies/status" && Holds(r, "\"notAfter\"")),
    ];

    /// <summary>Those of a first issuance, each before and after the server has acted on it.</summary>
    public static IEnumerable<KillPoint> OfFirstIssuance() =>
    [
        .. Acme.SelectMany(p => new[] { KillPoint.Before(p.Name, p.Path), KillPoint.After(p.Name, p.Path) }),
        .. Api.SelectMany(p => new[] { KillPoint.Before(p.Name, p.Matches), KillPoint.After(p.Name, p.Matches) }),
    ];

    /// <summary>Those of a renewal at which the old pair may be at risk.</summary>
    public static IEnumerable<KillPoint> OfRenewal() =>
    [
        KillPoint.After("the new key is staged", KeyIsStagedAgain),
        KillPoint.After("the order is placed", AcmeRequestKind.NewOrder),
        KillPoint.After("the order is finalized", AcmeRequestKind.Finalize),
        KillPoint.Before("the Secret is written", SecretIsWritten),
        KillPoint.After("the Secret is written", SecretIsWritten),
    ];

    public static bool SecretIsWritten(ApiRequest request) => request is { Verb: "patch", Resource: "secrets" };

    private static bool KeyIsStagedAgain(ApiRequest request) =>
        request is { Verb: "update", Resource: "secrets" } && request.Name.StartsWith("certoperator-state-", StringComparison.Ordinal);

    private static bool Holds(ApiRequest request, string text) => request.Http.BodyText.Contains(text, StringComparison.Ordinal);
}

namespace CertOperator.Acme;

/// <summary>What goes into newAccount (RFC 8555 section 7.3).</summary>
public sealed record NewAccountRequest
{
    /// <summary>Contact URLs, such as <c>mailto:ops@example.com</c>.</summary>
    public IReadOnlyList<string> Contacts { get; init; } = [];

    public bool TermsOfServiceAgreed { get; init; }

    /// <summary>Only find the account of this key; <see cref="AcmeErrorKind.AccountDoesNotExist"/> when there is none (section 7.3.1).</summary>
    public bool OnlyReturnExisting { get; init; }

    public ExternalAccountBinding? ExternalAccountBinding { get; init; }
}

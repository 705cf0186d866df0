using CertOperator.Crds.Runs;
using CertOperator.Providers.Keys;

namespace CertOperator.Providers.Issuance;

/// <summary>How far a call brought an order: a closed set.</summary>
public abstract record IssuanceProgress
{
    private IssuanceProgress()
    {
    }

    /// <summary>The step is complete.</summary>
    public sealed record Done(string Message) : IssuanceProgress;

    /// <summary>The CA is still at work.</summary>
    public sealed record Pending(TimeSpan RetryAfter, string Message) : IssuanceProgress;

    /// <summary>The certificate, leaf first, as the CA sent it.</summary>
    public sealed record Issued(string ChainPem) : IssuanceProgress
    {
        /// <summary>The private key in PKCS#8 PEM, where the provider made it and gives it out. Secret.</summary>
        public string? PrivateKeyPem { get; init; }

        /// <summary>Where the provider keeps the private key, where it made it and does not give it out.</summary>
        public KeyReference? Key { get; init; }

        /// <summary>Keeps the key out of logs and exception texts that print the record.</summary>
        public override string ToString() => nameof(Issued);
    }

    /// <summary>A person has to have this signing request, in PEM, signed, and to bring the certificate.</summary>
    public sealed record ByHand(string SigningRequestPem) : IssuanceProgress;

    /// <summary>The CA does not know the order any more.</summary>
    public sealed record OrderGone(string Message) : IssuanceProgress;
}

/// <summary>An order that the CA has.</summary>
/// <param name="Order">What is known of it.</param>
/// <param name="Problem">Why its challenges could not be read; null where they were.</param>
/// <param name="Pending">When to ask again, where the CA does not say yet what is to be proven; null where it does.</param>
public sealed record OrderPlacement(RunOrder Order, IssuanceException? Problem = null, IssuanceProgress.Pending? Pending = null);

/// <summary>The window in which the CA suggests to renew, and when to ask again.</summary>
public sealed record RenewalSuggestion(DateTimeOffset Start, DateTimeOffset End, string? ExplanationUrl, TimeSpan? RetryAfter);

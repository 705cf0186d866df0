namespace CertOperator.Providers.Issuance;

/// <summary>Which steps there are with a provider; a run skips the others.</summary>
/// <param name="PlacesOrders">An order is placed that the provider knows by an address, and a restart goes on with it.</param>
/// <param name="ProvesControl">Control over the names is proven by challenges.</param>
/// <param name="MakesKey">The provider makes the private key, so there is neither a key to stage nor a signing request.</param>
public sealed record ProviderTraits(bool PlacesOrders, bool ProvesControl, bool MakesKey);

/// <summary>One thing that was looked at for a dry run.</summary>
/// <param name="Check">What was looked at, as a word, such as Authority or Permission.</param>
/// <param name="Subject">Which one; null where there is but one.</param>
/// <param name="Passed">Null where it cannot be known without an effect.</param>
/// <param name="Evidence">What was seen, and what to do where it is wrong: a sentence.</param>
public sealed record ProviderCheck(string Check, string? Subject, bool? Passed, string Evidence);

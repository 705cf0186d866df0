namespace CertOperator.Operator.Hosting.Access;

/// <summary>What the API server says of somebody who wants to read the metrics.</summary>
public enum AccessVerdict
{
    Allowed,

    /// <summary>It does not know the token.</summary>
    NotAuthenticated,

    /// <summary>It knows the user, who may not.</summary>
    Denied,

    /// <summary>It could not be asked.</summary>
    Unknown,

    /// <summary>It was not asked: too many tokens that nobody knows have come.</summary>
    TooMany,
}

namespace CertOperator.Acme;

/// <summary>HMAC algorithms for external account binding (RFC 7518 section 3.2). CAs use HS256 unless they say otherwise.</summary>
public enum MacAlgorithm
{
    HS256,
    HS384,
    HS512,
}

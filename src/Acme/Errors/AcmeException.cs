namespace CertOperator.Acme;

/// <summary>Base of everything this library throws about a CA, a key or a credential. Messages hold no key, token or JWS.</summary>
public abstract class AcmeException(string message, Exception? inner = null) : Exception(message, inner);

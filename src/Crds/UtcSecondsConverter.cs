namespace CertOperator.Crds;

/// <summary>RFC 3339 in UTC, whole seconds: for what kubectl prints as it stands.</summary>
public sealed class UtcSecondsConverter() : UtcTimeConverter("yyyy-MM-dd'T'HH:mm:ss'Z'");

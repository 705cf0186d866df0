using System.Text;

namespace CertOperator.TestSupport.Proxies;

/// <summary>A request on its way through a proxy, whole.</summary>
/// <param name="Method">Such as <c>POST</c>.</param>
/// <param name="Target">Path and query.</param>
/// <param name="Headers">Without those of one connection.</param>
/// <param name="Body">As it was sent.</param>
public sealed record ProxiedRequest(string Method, string Target, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body)
{
    /// <summary>The path without the query.</summary>
    public string Path => Target.Split('?')[0];

    public string BodyText => Encoding.UTF8.GetString(Body);

    public override string ToString() => $"{Method} {Target}";
}

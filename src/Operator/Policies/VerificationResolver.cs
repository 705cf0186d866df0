using CertOperator.Crds.Policies;
using CertOperator.Providers.Probing;

namespace CertOperator.Operator.Policies;

/// <summary>Turns spec.verify into endpoints that can be asked. Pure.</summary>
public static class VerificationResolver
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    /// <param name="verify">What the policy says.</param>
    /// <param name="names">The names in the certificate; the first that is a host's is asked where the policy names no endpoint.</param>
    /// <param name="invalid">Takes a sentence for each thing that is wrong.</param>
    public static ResolvedVerification Resolve(VerifySpec? verify, IReadOnlyList<string> names, Action<string> invalid)
    {
        if (verify?.None == true)
        {
            if (verify.Endpoints is { Count: > 0 })
            {
                invalid("spec.verify.none is true and spec.verify.endpoints names endpoints. Keep one of them.");
            }

            if (verify.Required == true)
            {
                invalid("spec.verify.none and spec.verify.required are both true, and nothing would be verified. Keep one of them.");
            }

            return new ResolvedVerification();
        }

        var port = EndpointAddress.DefaultPort(verify?.StartTls);
        var endpoints = new List<EndpointAddress>();
        foreach (var (text, i) in (verify?.Endpoints ?? []).Select((e, i) => (e, i)))
        {
            if (EndpointAddress.TryParse(text, $"spec.verify.endpoints[{i}]", out var address, out var error, port))
            {
                endpoints.Add(address!);
            }
            else
            {
                invalid(Sentences.Of(error!));
            }
        }

        // A wildcard stands for hosts that nobody has named.
        if (verify?.Endpoints is not { Count: > 0 } && names.FirstOrDefault(n => !n.StartsWith("*.", StringComparison.Ordinal)) is { } host)
        {
            endpoints.Add(new EndpointAddress(host, port));
        }
        else if (verify is { Required: true, Endpoints: not { Count: > 0 } } && names.Count > 0)
        {
            invalid("spec.verify.required is true, and a wildcard names no host to ask. Name some in spec.verify.endpoints.");
        }

        if (verify?.ConnectTo is { } connectTo && !EndpointAddress.TryParse(connectTo, "spec.verify.connectTo", out _, out var connectError))
        {
            invalid(Sentences.Of(connectError!));
        }

        IssuerResolver.CheckBundle(verify?.CaBundle, "spec.verify.caBundle", invalid);
        return new ResolvedVerification
        {
            Endpoints = [.. endpoints.Distinct()],
            StartTls = verify?.StartTls,
            ConnectTo = verify?.ConnectTo,
            CaBundle = verify?.CaBundle,
            Timeout = verify?.TimeoutSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : DefaultTimeout,
            Required = verify?.Required ?? false,
        };
    }
}

using CertOperator.Crds.Settings;
using CertOperator.Operator.Policies;

namespace CertOperator.Operator.Challenges.Http01;

/// <summary>What a solver of http-01 may say, beyond its schema. Pure.</summary>
public static class Http01Rules
{
    /// <summary>How an Ingress says its class to controllers that know no field for it.</summary>
    private const string ClassAnnotation = "kubernetes.io/ingress.class";

    public static void Check(Http01Spec http01, string path, Action<string> invalid)
    {
        (string Name, object? Value)[] ways = [("operator", http01.Operator), ("ingress", http01.Ingress), ("gateway", http01.Gateway), ("webroot", http01.Webroot)];
        var given = ways.Where(w => w.Value is not null).Select(w => w.Name).ToList();
        if (given.Count != 1)
        {
            invalid(given.Count == 0
                ? $"{path} does not say how. Set one of {string.Join(", ", ways.Select(w => w.Name))}; operator is written as operator: {{}}."
                : $"{path}: {string.Join(" and ", given)} are both set. Keep one; give the other a solver of its own.");
        }

        if (http01.Ingress is { } ingress)
        {
            CheckIngress(ingress, $"{path}.ingress", invalid);
        }

        if (http01.Gateway is { } gateway)
        {
            CheckGateway(gateway, $"{path}.gateway", invalid);
        }

        if (http01.Webroot is { } webroot)
        {
            SecretRules.CheckName(webroot.ConfigMapName, $"{path}.webroot.configMapName", invalid, "a ConfigMap");
        }
    }

    private static void CheckIngress(Http01IngressSpec ingress, string path, Action<string> invalid)
    {
        SecretRules.CheckMetadata(ingress.Labels, ingress.Annotations, path, invalid, ClassAnnotation);
        if (ingress.ClassName is { } name)
        {
            SecretRules.CheckName(name, $"{path}.className", invalid, "an IngressClass");
            if (ingress.Annotations?.ContainsKey(ClassAnnotation) == true)
            {
                invalid($"{path}: className and the annotation {ClassAnnotation} are both set. Keep one.");
            }
        }
    }

    private static void CheckGateway(Http01GatewaySpec gateway, string path, Action<string> invalid)
    {
        SecretRules.CheckMetadata(gateway.Labels, gateway.Annotations, path, invalid);
        if (gateway.ParentRefs.Count == 0)
        {
            invalid($"{path}.parentRefs is empty. Name the Gateway that takes requests for port 80.");
        }

        for (var i = 0; i < gateway.ParentRefs.Count; i++)
        {
            SecretRules.CheckName(gateway.ParentRefs[i].Name, $"{path}.parentRefs[{i}].name", invalid, "a Gateway");
            if (gateway.ParentRefs[i].Namespace is { } name)
            {
                SecretRules.CheckName(name, $"{path}.parentRefs[{i}].namespace", invalid, "a namespace");
            }
        }
    }
}

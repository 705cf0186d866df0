using CertOperator.TestSupport;

namespace CertOperator.EndToEnd.Challenges.Http01;

/// <summary>As much of the Gateway API as the operator uses, for an API server that does not bring it.</summary>
internal static class GatewayApi
{
    private const string Definition = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata:
          name: httproutes.gateway.networking.k8s.io
          annotations:
            api-approved.kubernetes.io: unapproved, part of a test
        spec:
          group: gateway.networking.k8s.io
          names: {kind: HTTPRoute, plural: httproutes, singular: httproute, listKind: HTTPRouteList}
          scope: Namespaced
          versions:
            - name: v1
              served: true
              storage: true
              subresources: {status: {}}
              schema:
                openAPIV3Schema:
                  type: object
                  required: [spec]
                  properties:
                    spec:
                      type: object
                      properties:
                        hostnames:
                          type: array
                          items: {type: string, minLength: 1, pattern: '^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'}
                        parentRefs:
                          type: array
                          items:
                            type: object
                            required: [name]
                            properties:
                              group: {type: string, default: gateway.networking.k8s.io}
                              kind: {type: string, default: Gateway}
                              name: {type: string}
                              namespace: {type: string}
                              port: {type: integer, format: int32}
                              sectionName: {type: string}
                        rules:
                          type: array
                          items:
                            type: object
                            properties:
                              matches:
                                type: array
                                items:
                                  type: object
                                  properties:
                                    path:
                                      type: object
                                      properties:
                                        type: {type: string, enum: [Exact, PathPrefix, RegularExpression]}
                                        value: {type: string}
                              backendRefs:
                                type: array
                                items:
                                  type: object
                                  required: [name]
                                  properties:
                                    group: {type: string}
                                    kind: {type: string, default: Service}
                                    name: {type: string}
                                    port: {type: integer, format: int32}
                                    weight: {type: integer, format: int32, default: 1}
                    status: {type: object, x-kubernetes-preserve-unknown-fields: true}
        """;

    public static async Task InstallAsync(ControlPlane controlPlane)
    {
        await controlPlane.KubectlAsync(["apply", "--server-side", "-f", "-"], Definition);
        await controlPlane.KubectlAsync(["wait", "--for=condition=Established", "--timeout=60s", "crd/httproutes.gateway.networking.k8s.io"]);
    }
}

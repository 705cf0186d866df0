{{- /* What the operator does in a namespace with policies. Every verb is one that it uses; what a person allows it by a value is apart. */}}
{{- define "cert-operator.workspaceRules" -}}
- apiGroups: [certoperator.io]
  resources: [certificaterenewalpolicies]
  verbs: [get, list, watch]
- apiGroups: [certoperator.io]
  resources: [certificaterenewalpolicies/status, certificaterenewalruns/status]
  verbs: [update]
- apiGroups: [certoperator.io]
  resources: [certificaterenewalruns]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [certoperator.io]
  resources: [certificaterenewalbatches, certificaterenewalsettings]
  verbs: [list, watch]
- apiGroups: [certoperator.io]
  resources: [certificaterenewalbatches/status]
  verbs: [update, patch]
{{- if .Values.inventory.enabled }}
# Listed for the inventory: RBAC has no right for metadata alone, or for a type.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list, create, update, patch, delete]
{{- else }}
# By name alone: never listed, never watched.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, create, update, patch, delete]
{{- end }}
# Rows of batches, trust bundles of private CAs, webroots of http-01.
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, list, create, update, patch, delete]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- if .Values.rbac.restarts }}
- apiGroups: [apps]
  resources: [deployments, statefulsets, daemonsets]
  verbs: [get, patch]
{{- end }}
{{- if .Values.rbac.http01 }}
- apiGroups: [""]
  resources: [services]
  verbs: [get, create, patch, delete]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [get, list, create, patch, delete]
- apiGroups: [networking.k8s.io]
  resources: [ingresses]
  verbs: [get, create, patch, delete]
- apiGroups: [gateway.networking.k8s.io]
  resources: [httproutes]
  verbs: [get, create, patch, delete]
{{- end }}
{{- if .Values.rbac.serviceAccountTokens }}
- apiGroups: [""]
  resources: [serviceaccounts/token]
  verbs: [create]
{{- end }}
{{- if .Values.prometheusRule.perNamespace }}
- apiGroups: [monitoring.coreos.com]
  resources: [prometheusrules]
  verbs: [get, list, create, patch, delete]
{{- end }}
{{- if .Values.rbac.finalizers }}
- apiGroups: [certoperator.io]
  resources: [certificaterenewalpolicies/finalizers, certificaterenewalbatches/finalizers]
  verbs: [update]
{{- end }}
{{- end }}

{{- /* What it does in its own namespace, whatever it works in. */}}
{{- define "cert-operator.ownRules" -}}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: [{{ .Values.operator.leaseName }}]
  verbs: [get, update]
{{- if .Values.namespaces }}
{{- if not .Values.masterKey.existingSecret }}
{{- if not (include "cert-operator.wrapsMasterKey" .) }}
- apiGroups: [""]
  resources: [secrets]
  verbs: [create]
{{- end }}
- apiGroups: [""]
  resources: [secrets]
  resourceNames: [certoperator-master-key]
  verbs: [get]
{{- end }}
{{- if and .Values.http01.enabled .Values.rbac.http01 }}
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [list]
{{- end }}
{{- end }}
{{- end }}

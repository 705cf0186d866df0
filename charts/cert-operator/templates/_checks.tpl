{{- /* A duration such as 1m30s in milliseconds. */}}
{{- define "cert-operator.milliseconds" -}}
{{- $units := dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 }}
{{- $sum := 0 }}
{{- range regexFindAll "[0-9]+(ms|s|m|h)" . -1 }}
{{- $sum = add $sum (mul (regexFind "^[0-9]+" . | int64) (get $units (regexFind "[a-z]+$" .))) }}
{{- end }}
{{- $sum }}
{{- end }}

{{- /* What the schema of the values cannot say, or not in words that help. */}}
{{- define "cert-operator.check" -}}
{{- if has (int .Values.metrics.port) (list 8402 8403) }}
{{- fail (printf "metrics.port: %d is taken by %s; choose another port, such as 9402" (int .Values.metrics.port) (eq (int .Values.metrics.port) 8402 | ternary "http-01" "the health checks")) }}
{{- end }}
{{- with .Values.metrics.serviceMonitor }}
{{- if gt (include "cert-operator.milliseconds" .scrapeTimeout | int64) (include "cert-operator.milliseconds" .interval | int64) }}
{{- fail (printf "metrics.serviceMonitor.scrapeTimeout: %s is longer than metrics.serviceMonitor.interval, %s; Prometheus refuses that" .scrapeTimeout .interval) }}
{{- end }}
{{- end }}
{{- with .Values.masterKey.wrapped.vault }}
{{- if and .address (not .key) }}
{{- fail "masterKey.wrapped.vault.key: name the Transit engine and the key, such as transit/certoperator; masterKey.wrapped.vault.address alone decrypts nothing" }}
{{- end }}
{{- if and .key (not .address) }}
{{- fail "masterKey.wrapped.vault.address: name the server that has masterKey.wrapped.vault.key, such as https://vault.example.com:8200" }}
{{- end }}
{{- end }}
{{- if and .Values.networkPolicy.enabled (not .Values.networkPolicy.egress) }}
{{- fail "networkPolicy.egress: without a rule the operator reaches nothing, not even the API server; leave it out to allow everything, or name what it dials" }}
{{- end }}
{{- include "cert-operator.checkAlone" . }}
{{- end }}

{{- /* Two operators that both work in all namespaces renew the same policies, each with a master key of its own. Whoever installs for all namespaces may read ClusterRoles. */}}
{{- define "cert-operator.checkAlone" -}}
{{- if and .Values.rbac.create (not .Values.namespaces) }}
{{- $own := printf "%s/%s" .Release.Namespace .Release.Name }}
{{- range dig "items" list (lookup "rbac.authorization.k8s.io/v1" "ClusterRole" "" "" | default dict) }}
{{- if eq (dig "labels" "certoperator.io/scope" "" .metadata) "cluster" }}
{{- $name := dig "annotations" "meta.helm.sh/release-name" (dig "labels" "app.kubernetes.io/instance" "" .metadata) .metadata }}
{{- $namespace := dig "annotations" "meta.helm.sh/release-namespace" "" .metadata }}
{{- $other := list $namespace $name | compact | join "/" }}
{{- if and (ne $other $own) (ne $other $.Release.Name) }}
{{- fail (printf "namespaces: release %s of this chart works in all namespaces already (ClusterRole %s); two operators would renew the same policies. Give each release namespaces of its own, upgrade that one instead, or delete the ClusterRole if the release is gone" $other .metadata.name) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

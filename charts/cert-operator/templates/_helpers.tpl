{{- define "cert-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "cert-operator.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains (include "cert-operator.name" .) .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "cert-operator.name" .) | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "cert-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "cert-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "cert-operator.labels" -}}
{{ include "cert-operator.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "cert-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "cert-operator.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "cert-operator.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{- define "cert-operator.scraper" -}}
{{- printf "%s-scraper" (include "cert-operator.fullname" .) }}
{{- end }}

{{- define "cert-operator.scraperSecret" -}}
{{- default (include "cert-operator.scraper" .) .Values.metrics.serviceMonitor.token.secretName }}
{{- end }}

{{- /* Whether the chart makes an account for the ServiceMonitor. */}}
{{- define "cert-operator.makesScraper" -}}
{{- if and .Values.metrics.auth .Values.metrics.serviceMonitor.enabled .Values.metrics.serviceMonitor.token.create }}true{{ end }}
{{- end }}

{{- /* Whether master keys are decrypted by a service: then the operator makes none by itself, which would be in plain text. */}}
{{- define "cert-operator.wrapsMasterKey" -}}
{{- if or .Values.masterKey.wrapped.kms.key .Values.masterKey.wrapped.vault.address }}true{{ end }}
{{- end }}

{{- /* Whether there is a CA for that service. */}}
{{- define "cert-operator.masterKeyCa" -}}
{{- if or .Values.masterKey.wrapped.ca.secretName .Values.masterKey.wrapped.ca.configMapName }}true{{ end }}
{{- end }}

{{- /* The subject of the operator's bindings. */}}
{{- define "cert-operator.subjects" -}}
- kind: ServiceAccount
  name: {{ include "cert-operator.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end }}

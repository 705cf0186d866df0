{{- /* A number as rules have it: six places at most, no zeros at the end. */}}
{{- define "cert-operator.number" -}}
{{- regexReplaceAll "\\.?0+$" (printf "%.6f" .) "" }}
{{- end }}

{{- /* files/slo-rules.yaml with the placeholders filled: what follows from an objective is reckoned as the operator does for a namespace. */}}
{{- define "cert-operator.sloRules" -}}
{{- $values := .Values.prometheusRule }}
{{- $rules := .Files.Get "files/slo-rules.yaml" }}
{{- range $name, $objective := $values.objectives }}
{{- $budget := subf 100 (float64 $objective) }}
{{- range $rate := list "14.4" "6" "1" }}
{{- $rules = replace (printf "__burn_%s_%s__" $name $rate) (include "cert-operator.number" (divf (mulf (float64 $rate) $budget) 100)) $rules }}
{{- end }}
{{- $rules = replace (printf "__budget_%s__" $name) (include "cert-operator.number" $budget) $rules }}
{{- end }}
{{- $rules = replace "__overdue__" (include "cert-operator.number" (divf $values.overduePercentage 100)) $rules }}
{{- $rules = replace "__expiring__" (include "cert-operator.number" (divf $values.expiringPercentage 100)) $rules }}
{{- $rules = replace "__warning_seconds__" (mul $values.warningDays 86400 | toString) $rules }}
{{- $rules = replace "__critical_seconds__" (mul $values.criticalDays 86400 | toString) $rules }}
{{- $rules = regexReplaceAll "__runbook_([A-Za-z]+)__" $rules ($values.runbookUrl | replace "$" "$$" | replace "{alert}" "${1}" | quote) }}
{{- with regexFind "__[a-z0-9_.]+__" $rules }}
{{- fail (printf "prometheusRule: no value fills %s of files/slo-rules.yaml; was one set to null, or left out by --reuse-values?" .) }}
{{- end }}
{{- $rules }}
{{- end }}

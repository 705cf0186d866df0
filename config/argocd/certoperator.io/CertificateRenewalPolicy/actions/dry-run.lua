if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
obj.metadata.annotations["certoperator.io/renew-mode"] = "DryRun"
obj.metadata.annotations["certoperator.io/renew-requested-at"] = os.date("!%Y-%m-%dT%H:%M:%SZ")
return obj

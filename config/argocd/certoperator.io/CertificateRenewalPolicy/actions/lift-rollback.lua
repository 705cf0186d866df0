-- Scheduled renewal goes on.
if obj.metadata.annotations ~= nil then
  obj.metadata.annotations["certoperator.io/rollback-requested-at"] = nil
end
return obj

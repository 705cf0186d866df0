-- A run is one attempt: Progressing until it has ended.
if obj.status == nil or obj.status.phase == nil then
  return { status = "Progressing", message = "Waiting for the operator" }
end

local states = { Succeeded = "Healthy", Failed = "Degraded", NeedsManual = "Suspended" }
local message = obj.status.message or ""
if states[obj.status.phase] == nil and obj.status.currentStep ~= nil then
  message = obj.status.currentStep .. ": " .. message
end
return { status = states[obj.status.phase] or "Progressing", message = message }

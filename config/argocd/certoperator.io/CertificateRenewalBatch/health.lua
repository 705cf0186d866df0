-- A batch is Healthy when it has done what its spec asks for, and Degraded when it ended with failures.
if obj.status == nil or obj.status.phase == nil then
  return { status = "Progressing", message = "Waiting for the operator" }
end
local generation = obj.metadata ~= nil and obj.metadata.generation or nil
if generation ~= nil and obj.status.observedGeneration ~= nil and obj.status.observedGeneration < generation then
  return { status = "Progressing", message = "Waiting for the operator to read the changed batch" }
end

local message = obj.status.message or ""
for _, condition in ipairs(obj.status.conditions or {}) do
  if condition.type == "Stalled" and condition.status == "True" then
    return { status = "Degraded", message = condition.message or message }
  end
  if condition.type == "Complete" and condition.status == "False" and obj.status.phase ~= "Cancelled" then
    return { status = "Degraded", message = message }
  end
end

local states = { Previewed = "Healthy", Completed = "Healthy", Cancelled = "Healthy", Stopped = "Degraded", Paused = "Suspended" }
return { status = states[obj.status.phase] or "Progressing", message = message }

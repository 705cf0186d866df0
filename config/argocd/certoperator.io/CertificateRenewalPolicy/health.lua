-- A certificate that is valid keeps its policy Healthy, also while it is renewed: only what needs a person is Degraded.
local health = { status = "Progressing", message = "Waiting for the operator" }
if obj.spec ~= nil and obj.spec.suspend then
  return { status = "Suspended", message = "spec.suspend is true: the certificate is not renewed by itself" }
end
if obj.status == nil or obj.status.conditions == nil then
  return health
end

-- What is said of an earlier spec says nothing of this one.
if obj.status.observedGeneration ~= nil and obj.metadata.generation ~= nil and obj.status.observedGeneration < obj.metadata.generation then
  health.message = "Waiting for the operator to read the changed policy"
  return health
end

local conditions = {}
for _, condition in ipairs(obj.status.conditions) do
  conditions[condition.type] = condition
end
local ready, reconciling, stalled = conditions["Ready"], conditions["Reconciling"], conditions["Stalled"]
local run = obj.status.lastRun or ""

if stalled ~= nil and stalled.status == "True" and stalled.reason ~= "NeedsManual" then
  return { status = "Degraded", message = stalled.message }
end

if ready ~= nil and ready.status == "True" then
  health = { status = "Healthy", message = ready.message }
  if obj.status.phase == "NeedsManual" then
    health.message = ready.message .. " Run " .. run .. " needs a person."
  elseif reconciling ~= nil and reconciling.reason ~= "Idle" then
    health.message = ready.message .. " " .. reconciling.message
  end
  return health
end

-- From here on there is no certificate that counts.
if obj.status.phase == "NeedsManual" then
  return { status = "Suspended", message = "Run " .. run .. " needs a person." .. (ready ~= nil and " " .. ready.message or "") }
end
if reconciling ~= nil and reconciling.reason == "DryRunOnly" then
  return { status = "Suspended", message = reconciling.message }
end
if ready ~= nil and (ready.reason == "Expired" or obj.status.phase == "Failed") then
  return { status = "Degraded", message = ready.message }
end
if reconciling ~= nil then
  health.message = reconciling.message
end
return health

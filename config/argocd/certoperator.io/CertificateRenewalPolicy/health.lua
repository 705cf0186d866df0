-- A certificate that is valid keeps its policy Healthy, also while it is renewed: only what needs a person is Degraded.
local health = { status = "Progressing", message = "Waiting for the operator" }
local conditions = {}
for _, condition in ipairs(obj.status ~= nil and obj.status.conditions or {}) do
  conditions[condition.type] = condition
end
local function text(condition)
  return condition ~= nil and condition.message or ""
end
local ready, reconciling, stalled = conditions["Ready"], conditions["Reconciling"], conditions["Stalled"]

-- Clients are turned away, whoever was to renew it.
if ready ~= nil and ready.status == "False" and ready.reason == "Expired" then
  return { status = "Degraded", message = text(ready) }
end
if obj.spec ~= nil and obj.spec.suspend then
  return { status = "Suspended", message = "spec.suspend is true: the certificate is not renewed by itself" }
end
if obj.status == nil or obj.status.conditions == nil then
  return health
end

-- What is said of an earlier spec says nothing of this one.
local generation = obj.metadata ~= nil and obj.metadata.generation or nil
if generation ~= nil and obj.status.observedGeneration ~= nil and obj.status.observedGeneration < generation then
  health.message = "Waiting for the operator to read the changed policy"
  return health
end

local run = obj.status.lastRun or ""

if stalled ~= nil and stalled.status == "True" and stalled.reason ~= "NeedsManual" then
  return { status = "Degraded", message = text(stalled) }
end

if ready ~= nil and ready.status == "True" then
  health = { status = "Healthy", message = text(ready) }
  if obj.status.phase == "NeedsManual" then
    health.message = text(ready) .. " Run " .. run .. " needs a person."
  elseif reconciling ~= nil and reconciling.reason ~= "Idle" then
    health.message = text(ready) .. " " .. text(reconciling)
  end
  return health
end

-- From here on there is no certificate that counts.
if obj.status.phase == "NeedsManual" then
  return { status = "Suspended", message = "Run " .. run .. " needs a person. " .. text(ready) }
end
if reconciling ~= nil and reconciling.reason == "DryRunOnly" then
  return { status = "Suspended", message = text(reconciling) }
end
if ready ~= nil and obj.status.phase == "Failed" then
  return { status = "Degraded", message = text(ready) }
end
if reconciling ~= nil then
  health.message = text(reconciling)
end
return health

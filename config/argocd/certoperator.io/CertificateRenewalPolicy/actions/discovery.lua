-- An action that is disabled is shown and cannot be chosen.
local status = obj.status or {}
return {
  ["renew"] = { ["disabled"] = false },
  ["dry-run"] = { ["disabled"] = false },
  ["check"] = { ["disabled"] = status.fingerprint == nil },
  ["rollback"] = { ["disabled"] = status.fingerprint == nil },
  ["lift-rollback"] = { ["disabled"] = status.rollback == nil },
}

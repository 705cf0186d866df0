local phase = obj.status ~= nil and obj.status.phase or nil
return { ["resume"] = { ["disabled"] = phase ~= "Failed" and phase ~= "NeedsManual" } }

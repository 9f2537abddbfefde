-- Asks Gatehouse's validator who a request comes from, and whether they may make every call on the MCP server. See docs/gates.md.
--
--   http-request lua.gatehouse URL        URL of the validator; txn.mcp_server holds the server's name in scopes.yml
--
-- Sets txn.gatehouse to "yes", and nothing else ever does: whatever fails leaves it as it is, and haproxy.cfg refuses.

local IDENTITY = { "x-user", "x-username", "x-client-id", "x-scopes", "x-groups", "x-auth-method", "x-server-name" }

-- What an MCP server hears of a request's head besides: no credential, nothing by which a client could pretend to be the gate.
local PASSED = {
    ["host"] = true, ["accept"] = true, ["accept-language"] = true, ["content-type"] = true, ["content-length"] = true,
    ["transfer-encoding"] = true, ["user-agent"] = true, ["last-event-id"] = true, ["traceparent"] = true, ["x-request-id"] = true,
}

-- All lines of a header as one, as the validator reads them: two credentials are none.
local function joined(lines)
    local values = {}
    for index = 0, lines and #lines or -1 do values[#values + 1] = lines[index] end
    return table.concat(values, ", ")
end

local function refuse(txn, status, said)
    local reply = txn:reply({ status = status })
    reply:add_header("content-type", "application/json")
    reply:add_header("cache-control", "no-store")
    if said("www-authenticate") ~= "" then reply:add_header("www-authenticate", said("www-authenticate")) end
    reply:set_body('{"reason":"' .. said("x-gatehouse-reason") .. '","message":"' .. said("x-gatehouse-message") .. '"}')
    txn:done(reply)
end

local function introduce(txn, headers, said)
    for name in pairs(headers) do
        if not PASSED[name] and not name:match("^mcp%-[a-z0-9-]+$") then txn.http:req_del_header(name) end
    end
    for _, name in ipairs(IDENTITY) do txn.http:req_set_header(name, said(name)) end
end

core.register_action("gatehouse", { "http-req" }, function(txn, url)
    local headers = txn.http:req_get_headers()
    local question = {
        ["x-mcp-server"] = { txn:get_var("txn.mcp_server") },
        ["x-mcp-http-method"] = { txn.f:method() },
        -- (!) Every call there is. Without this line whoever may use anything on the server could call everything there.
        ["x-mcp-call"] = { "*" },
        ["x-original-url"] = { txn.f:path() },
    }
    for _, name in ipairs({ "authorization", "cookie", "origin" }) do
        local value = joined(headers[name])
        if value ~= "" then question[name] = { value } end
    end
    local answer = core.httpclient():get({ url = url, headers = question, timeout = 2000 })
    local said = function(name) return answer.headers and joined(answer.headers[name]) or "" end
    if answer.status == 401 or answer.status == 403 then
        refuse(txn, answer.status, said)
    elseif answer.status == 204 then
        introduce(txn, headers, said)
        txn:set_var("txn.gatehouse", "yes")
    end
end, 1)

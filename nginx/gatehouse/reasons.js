// Why the gate itself refuses a request, before anybody else is asked: by reason the status, the code of JSON-RPC and one sentence.

export default {
  body_unexpected: [400, -32600, 'GET and DELETE requests have no body.'],
  body_missing: [400, -32600, 'The body is empty. Send one JSON-RPC message.'],
  body_too_large: [413, -32600, 'The body is larger than this gateway reads.'],
  body_too_complex: [413, -32600, 'The body has more nested values than this gateway reads.'],
  body_too_deep: [400, -32600, 'The body is nested deeper than 128 levels.'],
  body_not_utf8: [400, -32700, 'The body is not valid UTF-8.'],
  content_type: [415, -32600, 'Send the message as Content-Type: application/json, in UTF-8.'],
  content_encoding: [415, -32600, 'Send the body without Content-Encoding.'],
  json_invalid: [400, -32700, 'The body is not valid JSON.'],
  batch_not_allowed: [400, -32600, 'Send one JSON-RPC message, not a batch.'],
  response_not_allowed: [400, -32600, 'JSON-RPC responses are not accepted.'],
  response_invalid: [400, -32600, 'A JSON-RPC response has the id of the request and either a result or an error, which is an object.'],
  member_unknown: [400, -32600, 'The message has a member that JSON-RPC does not know, or an ambiguous one.'],
  member_duplicated: [400, -32600, 'The message has the same member twice.'],
  member_invalid: [400, -32600, 'A member of the message has the wrong type.'],
  params_not_object: [400, -32600, 'The params of the message must be an object.'],
  jsonrpc_invalid: [400, -32600, 'The message must say jsonrpc 2.0.'],
  id_invalid: [400, -32600, 'The id of the message must be a string or an integer.'],
  method_invalid: [400, -32600, 'The method must be a string of letters, digits and / _ . $ -, at most 256 characters.'],
  name_invalid: [400, -32602, 'The name or uri must be a string of 1 to 256 characters without control characters.'],
  origin_not_allowed: [403, -32600, 'Send one Origin header.'],
  header_name: [400, -32600, 'Header names are letters, digits and hyphens.'],
  header_mismatch: [400, -32020, 'Mcp-Method and Mcp-Name must say the same as the body.'],
  not_found: [404, -32600, 'There is no MCP server at this path.'],
  method_not_allowed: [405, -32600, 'Only GET, POST and DELETE are allowed.']
}

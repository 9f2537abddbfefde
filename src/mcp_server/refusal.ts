/** A refusal in the form of JSON-RPC, for what goes wrong before a message reaches a session. */

/** Codes: JSON-RPC 2.0 section 5.1; -32000 and -32001 are what the MCP SDKs use for the transport. */
export function refusal(status: number, code: number, message: string): Response {
  return Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status })
}

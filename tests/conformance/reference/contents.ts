/** Tools that answer at once: every kind of content, log messages, progress, errors, and what the suite probes over HTTP alone. */
import { type CallToolResult, fromJsonSchema, type McpServer, type ServerContext } from '@modelcontextprotocol/server'
import { z } from 'zod'

/** A red pixel, and a sound of no length. */
export const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='
const WAV = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA='

type Content = CallToolResult['content']

const text = (words: string): Content[number] => ({ type: 'text', text: words })
const image: Content[number] = { type: 'image', data: PNG, mimeType: 'image/png' }
const resource: Content[number] = { type: 'resource', resource: { uri: 'test://embedded', mimeType: 'text/plain', text: 'embedded' } }

/** The tools that always say the same. */
const ANSWERS: Record<string, Content> = {
  test_simple_text: [text('plain')],
  test_image_content: [image],
  test_audio_content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }],
  test_embedded_resource: [resource],
  test_multiple_content_types: [text('several'), image, resource],
  test_streaming_elicitation: [text('nothing is asked on the way')],
}

const none = z.object({})
const pause = (): Promise<void> => new Promise((done) => setTimeout(done, 20))

async function logThrice(context: ServerContext): Promise<CallToolResult> {
  for (const data of ['begun', 'halfway', 'done']) {
    await context.mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data } })
    await pause()
  }
  return { content: [text('logged')] }
}

async function progress(context: ServerContext): Promise<CallToolResult> {
  const { progressToken } = context.mcpReq._meta ?? {}
  for (const done of progressToken === undefined ? [] : [0, 50, 100]) {
    await context.mcpReq.notify({
      method: 'notifications/progress',
      params: { progressToken: progressToken ?? '', progress: done, total: 100 },
    })
    await pause()
  }
  return { content: [text('progressed')] }
}

/** SEP-1613 and SEP-2106: words of JSON Schema 2020-12 that must come out of tools/list as they are. */
const SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: { address: { $anchor: 'addressDef', type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } } },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
}

/** SEP-2243: the argument that clients repeat in the header Mcp-Param-Region. */
const MIRRORED = {
  type: 'object',
  properties: { region: { type: 'string', 'x-mcp-header': 'Region' }, level: { type: 'integer' } },
}

export function addContents(server: McpServer): void {
  for (const [name, content] of Object.entries(ANSWERS))
    server.registerTool(name, { description: `Says ${name}` }, async () => ({ content }))
  server.registerTool('test_tool_with_logging', { description: 'Logs', inputSchema: none }, (_, context) => logThrice(context))
  server.registerTool('test_tool_with_progress', { description: 'Reports progress', inputSchema: none }, (_, context) => progress(context))
  server.registerTool('test_error_handling', { description: 'Fails' }, async () => {
    throw new Error('it fails, as it should')
  })
  server.registerTool('test_logging_tool', { description: 'Logs where the request wants it', inputSchema: none }, async (_, context) => {
    await context.mcpReq.log('info', 'only for requests with a log level')
    return { content: [text('done')] }
  })
  const answer = async (): Promise<CallToolResult> => ({ content: [text('taken')] })
  server.registerTool('json_schema_2020_12_tool', { description: 'Has a rich schema', inputSchema: fromJsonSchema(SCHEMA) }, answer)
  server.registerTool('test_x_mcp_header', { description: 'Has a mirrored argument', inputSchema: fromJsonSchema(MIRRORED) }, answer)
}

/** Tools that ask back: in answers to the call (2026-07-28, SEP-2322), and by requests of their own on its stream (2025-11-25). */
import {
  acceptedContent,
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  createRequestStateCodec,
  type InputRequests,
  type InputRequiredResult,
  inputRequired,
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { z } from 'zod'

/** What comes back from clients is theirs to forge: state is sealed, and opened before a tool is called. */
export const states = createRequestStateCodec<{ round: number }>({ key: crypto.getRandomValues(new Uint8Array(32)) })

/** Form fields by question: `{ user_name: { name: 'string' } }`. */
type Forms = Record<string, Record<string, 'string' | 'boolean'>>

function form(fields: Forms[string]): InputRequests[string] {
  const properties = Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, { type: type as 'string' }]))
  return inputRequired.elicit({
    message: `Please give: ${Object.keys(fields).join(', ')}`,
    requestedSchema: { type: 'object', properties, required: Object.keys(fields) },
  })
}

const question = (words: string): InputRequests[string] =>
  inputRequired.createMessage({ messages: [{ role: 'user', content: { type: 'text', text: words } }], maxTokens: 50 })

export const ask = (forms: Forms, state?: string): InputRequiredResult =>
  inputRequired({
    inputRequests: Object.fromEntries(Object.entries(forms).map(([name, fields]) => [name, form(fields)])),
    ...(state !== undefined && { requestState: state }),
  })

type Answer = CallToolResult | InputRequiredResult
const say = (words: string): CallToolResult => ({ content: [{ type: 'text', text: words }] })
const answers = ({ mcpReq }: ServerContext): Record<string, unknown> => mcpReq.inputResponses ?? {}
const field = (context: ServerContext, key: string, name: string): unknown => acceptedContent(context.mcpReq.inputResponses, key)?.[name]

const ROUND_TRIPS: Record<string, (context: ServerContext) => Promise<Answer>> = {
  elicitation: async (context) => {
    const name = field(context, 'user_name', 'name')
    return typeof name === 'string' ? say(`Hello, ${name}`) : ask({ user_name: { name: 'string' } })
  },
  sampling: async (context) => {
    const answer = answers(context).capital_question
    if (answer !== undefined) return say(JSON.stringify(answer))
    return inputRequired({ inputRequests: { capital_question: question('What is the capital of France?') } })
  },
  list_roots: async (context) => {
    const answer = answers(context).client_roots
    if (answer !== undefined) return say(JSON.stringify(answer))
    return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } })
  },
  request_state: async (context) => {
    if (field(context, 'confirm', 'ok') === undefined) return ask({ confirm: { ok: 'boolean' } }, await states.mint({ round: 1 }))
    if (context.mcpReq.requestState() === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'requestState is missing')
    return say('state-ok')
  },
  multiple_inputs: async (context) => {
    const given = answers(context)
    if (given.user_name !== undefined && given.greeting !== undefined && given.client_roots !== undefined) return say('all three are here')
    const inputRequests = { user_name: form({ name: 'string' }), greeting: question('Greet'), client_roots: inputRequired.listRoots() }
    return inputRequired({ inputRequests, requestState: await states.mint({ round: 1 }) })
  },
  multi_round: async (context) => {
    const { round = 0 } = context.mcpReq.requestState<{ round: number }>() ?? {}
    if (round === 0) return ask({ step1: { name: 'string' } }, await states.mint({ round: 1 }))
    if (round === 1) return ask({ step2: { color: 'string' } }, await states.mint({ round: 2 }))
    return say('two rounds')
  },
  tampered_state: async (context) => {
    if (context.mcpReq.requestState() !== undefined && field(context, 'confirm', 'ok') !== undefined) return say('untouched')
    return ask({ confirm: { ok: 'boolean' } }, await states.mint({ round: 1 }))
  },
  capabilities: async (context) => {
    if (context.mcpReq.inputResponses !== undefined) return say('answered')
    const envelope: Record<string, unknown> = context.mcpReq.envelope ?? {}
    const can = (envelope[CLIENT_CAPABILITIES_META_KEY] ?? {}) as ClientCapabilities
    const inputRequests: InputRequests = {
      ...(can.elicitation !== undefined && { user_name: form({ name: 'string' }) }),
      ...(can.sampling !== undefined && { greeting: question('Greet') }),
      ...(can.roots !== undefined && { client_roots: inputRequired.listRoots() }),
    }
    return Object.keys(inputRequests).length === 0 ? say('the client can answer nothing') : inputRequired({ inputRequests })
  },
}

const option = (value: string): { const: string; title: string } => ({ const: value, title: value.toUpperCase() })
const CHOICES = ['one', 'two', 'three']

/** Properties of the forms of SEP-1034 (defaults) and SEP-1330 (choices). The suite checks each by its name. */
const DEFAULTS = {
  name: { type: 'string', default: 'John Doe' },
  age: { type: 'integer', default: 30 },
  score: { type: 'number', default: 95.5 },
  status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
  verified: { type: 'boolean', default: true },
} as const
const ENUMS = {
  untitledSingle: { type: 'string', enum: CHOICES },
  titledSingle: { type: 'string', oneOf: CHOICES.map(option) },
  legacyEnum: { type: 'string', enum: CHOICES, enumNames: CHOICES },
  untitledMulti: { type: 'array', items: { type: 'string', enum: CHOICES } },
  titledMulti: { type: 'array', items: { anyOf: CHOICES.map(option) } },
} as const

/** Asks by a request on the stream of the call: the client's answer is a message of its own. */
async function elicit(context: ServerContext, properties: Record<string, unknown>): Promise<CallToolResult> {
  const requestedSchema = { type: 'object', properties } as never
  return say(
    JSON.stringify(await context.mcpReq.send({ method: 'elicitation/create', params: { message: 'Please fill in', requestedSchema } })),
  )
}

async function sample(context: ServerContext, prompt: string): Promise<CallToolResult> {
  const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: prompt } }]
  return say(JSON.stringify(await context.mcpReq.send({ method: 'sampling/createMessage', params: { messages, maxTokens: 100 } })))
}

export function addQuestions(server: McpServer): void {
  const none = z.object({})
  const describe = (description: string) => ({ description, inputSchema: none })
  for (const [name, tool] of Object.entries(ROUND_TRIPS))
    server.registerTool(`test_input_required_result_${name}`, describe('Asks back in its answer'), (_, context) => tool(context))
  server.registerTool('test_missing_capability', describe('Needs sampling'), (_, context) => ROUND_TRIPS.sampling?.(context) as never)
  const prompt = { description: 'Asks a model', inputSchema: z.object({ prompt: z.string() }) }
  server.registerTool('test_sampling', prompt, (args, context) => sample(context, args.prompt))
  const message = { description: 'Asks a person', inputSchema: z.object({ message: z.string() }) }
  server.registerTool('test_elicitation', message, (_, context) => elicit(context, { response: { type: 'string' } }))
  server.registerTool('test_elicitation_sep1034_defaults', describe('Has defaults'), (_, context) => elicit(context, DEFAULTS))
  server.registerTool('test_elicitation_sep1330_enums', describe('Has choices'), (_, context) => elicit(context, ENUMS))
}

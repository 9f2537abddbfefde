/** The three wire formats, as far as an agent uses them: what is refused, what was said so far, and how an answer looks. */
// biome-ignore-all lint/suspicious/noExplicitAny: bodies are checked here, field by field
import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { choose, type Made, type Offer } from './chooser.ts'

export interface Format {
  name: 'bedrock' | 'anthropic' | 'openai'
  path: RegExp
  /** Why the provider would refuse, or null. */
  check(body: any, headers: IncomingHttpHeaders): string | null
  refuse(problem: string): unknown
  answer(body: any): unknown
}

const NAME = /^[a-zA-Z0-9_-]{1,64}$/
const newId = (prefix: string): string => `${prefix}_${randomUUID()}`

/** Rules that all three have: roles take turns, every call is answered in the next message and nothing else is. */
function checkTurns(turns: Array<{ role: string; calls: string[]; results: string[] }>): string | null {
  if (turns[0]?.role !== 'user') return 'the first message must be of the user'
  for (const [index, turn] of turns.entries()) {
    const before = turns[index - 1]
    if (before?.role === turn.role) return 'roles must alternate'
    if (String([...turn.results].sort()) !== String([...(before?.calls ?? [])].sort())) return 'every call needs its result, and no other'
  }
  return turns.at(-1)?.role === 'user' ? null : 'the last message must be of the user'
}

function checkTools(tools: Array<{ name: unknown; description: unknown; schema: any }>): string | null {
  const wrong = tools.find(({ name, schema }) => !NAME.test(String(name)) || schema?.type !== 'object')
  if (wrong !== undefined) return `tool ${String(wrong.name)} is not well-formed`
  return new Set(tools.map(({ name }) => name)).size < tools.length ? 'tool names must be unique' : null
}

const plan = (question: string, tools: Offer[], calls: Array<{ id: string; name: string }>, results: Map<string, string>) =>
  choose(
    question,
    tools,
    calls.map(({ id, name }): Made => ({ name, text: results.get(id) ?? '' })),
  )

const blocksOf = (content: any): any[] => (typeof content === 'string' ? [{ type: 'text', text: content }] : content)

export const anthropic: Format = {
  name: 'anthropic',
  path: /^\/v1\/messages$/,
  check(body, headers) {
    const key = headers['x-api-key'] ?? headers.authorization?.replace('Bearer ', '')
    if (key !== 'made-up-anthropic-key' || headers['anthropic-version'] === undefined) return 'no key or version'
    if (typeof body.model !== 'string' || !(body.max_tokens > 0) || typeof body.system !== 'string') return 'model, max_tokens, system'
    const turns = body.messages.map(({ role, content }: any) => {
      const blocks = blocksOf(content)
      return {
        role,
        calls: blocks.filter(({ type }) => type === 'tool_use').map(({ id }) => id),
        results: blocks.filter(({ type }) => type === 'tool_result').map(({ tool_use_id }) => tool_use_id),
      }
    })
    // What the model thought comes back as it was.
    const thoughts = body.messages.slice(1).filter(({ role }: any) => role === 'assistant')
    if (thoughts.some(({ content }: any) => content[0]?.signature !== 'signed')) return 'thinking blocks must come back unchanged'
    return (
      checkTurns(turns) ??
      checkTools(body.tools.map(({ name, description, input_schema }: any) => ({ name, description, schema: input_schema })))
    )
  },
  refuse: (message) => ({ type: 'error', error: { type: 'invalid_request_error', message } }),
  answer(body) {
    const blocks = body.messages.flatMap(({ content }: any) => blocksOf(content))
    const question = blocks.find(({ type }: any) => type === 'text').text
    const tools = body.tools.map(({ name, description, input_schema }: any) => ({ name, description, schema: input_schema }))
    const results = blocks.filter(({ type }: any) => type === 'tool_result').map((one: any) => [one.tool_use_id, one.content])
    const choice = plan(
      question,
      tools,
      blocks.filter(({ type }: any) => type === 'tool_use'),
      new Map(results),
    )
    const thought = { type: 'thinking', thinking: 'hm', signature: 'signed' }
    const last =
      'answer' in choice
        ? { type: 'text', text: choice.answer }
        : { type: 'tool_use', id: newId('toolu'), name: choice.call, input: choice.input }
    return {
      id: newId('msg'),
      type: 'message',
      role: 'assistant',
      model: body.model,
      content: [thought, last],
      stop_reason: 'answer' in choice ? 'end_turn' : 'tool_use',
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    }
  },
}

export const bedrock: Format = {
  name: 'bedrock',
  path: /^\/model\/[^/]+\/converse$/,
  check(body, headers) {
    if (!/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/[a-z0-9-]+\/bedrock\/aws4_request/.test(headers.authorization ?? ''))
      return 'not signed'
    if (body.messages.some(({ content }: any) => !Array.isArray(content) || content.length === 0)) return 'content must not be empty'
    const turns = body.messages.map(({ role, content }: any) => ({
      role,
      calls: content.flatMap(({ toolUse }: any) => (toolUse ? [toolUse.toolUseId] : [])),
      results: content.flatMap(({ toolResult }: any) => (toolResult ? [toolResult.toolUseId] : [])),
    }))
    const tools = (body.toolConfig?.tools ?? []).map(({ toolSpec }: any) => ({ ...toolSpec, schema: toolSpec.inputSchema.json }))
    const others = tools
      .flatMap(({ schema }: any) => Object.keys(schema))
      .filter((key: string) => !['type', 'properties', 'required', '$defs'].includes(key))
    if (others.length > 0) return `The model does not take ${others} in a schema`
    if (tools.some(({ description }: any) => description === '')) return 'a description must not be empty'
    return checkTurns(turns) ?? checkTools(tools)
  },
  refuse: (message) => ({ message }),
  answer(body) {
    const blocks = body.messages.flatMap(({ content }: any) => content)
    const question = blocks.find(({ text }: any) => text !== undefined).text
    const tools = body.toolConfig.tools.map(({ toolSpec: { name, description, inputSchema } }: any) => ({
      name,
      description,
      schema: inputSchema.json,
    }))
    const results = blocks.flatMap(({ toolResult }: any) => (toolResult ? [[toolResult.toolUseId, toolResult.content[0].text]] : []))
    const calls = blocks.flatMap(({ toolUse }: any) => (toolUse ? [{ id: toolUse.toolUseId, name: toolUse.name }] : []))
    const choice = plan(question, tools, calls, new Map(results))
    const content =
      'answer' in choice ? { text: choice.answer } : { toolUse: { toolUseId: newId('tooluse'), name: choice.call, input: choice.input } }
    return {
      output: { message: { role: 'assistant', content: [content] } },
      stopReason: 'answer' in choice ? 'end_turn' : 'tool_use',
      usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
      metrics: { latencyMs: 1 },
    }
  },
}

export const openai: Format = {
  name: 'openai',
  path: /^\/v1\/chat\/completions$/,
  check(body) {
    const [system, ...messages] = body.messages
    if (system.role !== 'system' || typeof body.model !== 'string') return 'system message and model'
    // Each result is a message of its own here; together they are the turn of the user.
    const turns: Array<{ role: string; calls: string[]; results: string[] }> = []
    for (const { role, tool_calls = [], tool_call_id } of messages) {
      const before = turns.at(-1)
      if (role === 'tool' && before?.role === 'user') before.results.push(tool_call_id)
      else
        turns.push({
          role: role === 'tool' ? 'user' : role,
          calls: tool_calls.map(({ id }: any) => id),
          results: role === 'tool' ? [tool_call_id] : [],
        })
    }
    return (
      checkTurns(turns) ??
      checkTools(
        (body.tools ?? []).map(({ function: { name, description, parameters } }: any) => ({ name, description, schema: parameters })),
      )
    )
  },
  refuse: (message) => ({ error: { message, type: 'invalid_request_error', param: null, code: null } }),
  answer(body) {
    const question = body.messages.find(({ role }: any) => role === 'user').content
    const tools = body.tools.map(({ function: { name, description, parameters } }: any) => ({ name, description, schema: parameters }))
    const calls = body.messages.flatMap(({ tool_calls = [] }: any) => tool_calls.map(({ id, function: { name } }: any) => ({ id, name })))
    const results = body.messages.flatMap(({ role, tool_call_id, content }: any) => (role === 'tool' ? [[tool_call_id, content]] : []))
    const choice = plan(question, tools, calls, new Map(results))
    const wanted = 'answer' in choice ? undefined : { name: choice.call, arguments: JSON.stringify(choice.input) }
    const message = {
      role: 'assistant',
      content: 'answer' in choice ? choice.answer : null,
      refusal: null,
      ...(wanted === undefined ? {} : { tool_calls: [{ id: newId('call'), type: 'function', function: wanted }] }),
    }
    return {
      id: newId('chatcmpl'),
      object: 'chat.completion',
      created: 1,
      model: body.model,
      choices: [{ index: 0, message, logprobs: null, finish_reason: wanted === undefined ? 'stop' : 'tool_calls' }],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    }
  },
}

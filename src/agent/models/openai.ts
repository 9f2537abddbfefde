/** Chat completions, as OpenAI and many others offer them, local ones among them. */
import OpenAI from 'openai'
import { type Conversation, isObject, type ModelCall, type ModelSettings, plainSchema, REPLY_TIMEOUT, statusError } from './model.ts'

type Message = OpenAI.ChatCompletionMessageParam

export function openConversation({ model, apiKey, baseUrl }: ModelSettings, instructions: string): Conversation {
  // The SDK wants a key; an endpoint that wants none does not look at it.
  const client = new OpenAI({
    apiKey: apiKey ?? 'none',
    ...(baseUrl === null ? {} : { baseURL: baseUrl }),
    organization: null,
    project: null,
    timeout: REPLY_TIMEOUT,
  })
  const messages: Message[] = [{ role: 'system', content: instructions }]
  return {
    close() {},
    async say(said, tools, signal) {
      if (typeof said === 'string') messages.push({ role: 'user', content: said })
      else messages.push(...said.map(({ id, text }): Message => ({ role: 'tool', tool_call_id: id, content: text })))
      const offered = tools.map(({ name, description, inputSchema }): OpenAI.ChatCompletionTool => {
        return { type: 'function', function: { name, description, parameters: plainSchema(inputSchema) } }
      })
      const request = { model, messages, ...(offered.length > 0 ? { tools: offered } : {}) }
      const completion = await client.chat.completions.create(request, { signal }).catch((error: unknown) => {
        signal.throwIfAborted()
        throw errorOf(error, model)
      })
      const choice = completion.choices?.[0]
      if (choice === undefined) throw statusError('The endpoint', 200, model, '', 'its answer has no choice')
      messages.push(choice.message)
      return {
        text: choice.message.content ?? choice.message.refusal ?? '',
        calls: (choice.message.tool_calls ?? []).flatMap(readCall),
        cut: choice.finish_reason === 'length',
      }
    },
  }
}

function readCall(call: OpenAI.ChatCompletionMessageToolCall): ModelCall[] {
  if (call.type !== 'function') return []
  return [{ id: call.id, name: call.function.name, input: parse(call.function.arguments) }]
}

/** Models write this text themselves, and not always well; no arguments at all may be an empty text. */
function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text.trim() === '' ? '{}' : text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

function errorOf(error: unknown, model: string): unknown {
  if (!(error instanceof OpenAI.APIError)) return error
  return statusError('The OpenAI-compatible endpoint', error.status, model, 'OPENAI_API_KEY', error.message)
}

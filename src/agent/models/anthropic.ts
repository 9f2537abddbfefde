/** Anthropic's Messages API. */
import Anthropic from '@anthropic-ai/sdk'
import {
  type CallAnswer,
  type Conversation,
  isObject,
  MAX_TOKENS,
  type ModelSettings,
  plainSchema,
  REPLY_TIMEOUT,
  statusError,
} from './model.ts'

export function openConversation({ model, apiKey, baseUrl }: ModelSettings, instructions: string): Conversation {
  const client = new Anthropic({ apiKey, ...(baseUrl === null ? {} : { baseURL: baseUrl }), timeout: REPLY_TIMEOUT })
  const messages: Anthropic.MessageParam[] = []
  return {
    close() {},
    async say(said, tools, signal) {
      messages.push({ role: 'user', content: typeof said === 'string' ? said : said.map(resultBlock) })
      const offered = tools.map(({ name, description, inputSchema }) => ({ name, description, input_schema: plainSchema(inputSchema) }))
      const request = { model, max_tokens: MAX_TOKENS, system: instructions, messages, tools: offered }
      const message = await client.messages.create(request, { signal }).catch((error: unknown) => {
        signal.throwIfAborted()
        throw errorOf(error, model)
      })
      // As it came: what the model thought must go back to it unchanged.
      messages.push({ role: 'assistant', content: message.content })
      return {
        text: message.content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n'),
        calls: message.content.flatMap((block) =>
          block.type === 'tool_use' ? [{ id: block.id, name: block.name, input: isObject(block.input) ? block.input : null }] : [],
        ),
        cut: message.stop_reason === 'max_tokens',
      }
    },
  }
}

const resultBlock = ({ id, text, failed }: CallAnswer): Anthropic.ToolResultBlockParam => ({
  type: 'tool_result',
  tool_use_id: id,
  content: text,
  is_error: failed,
})

function errorOf(error: unknown, model: string): unknown {
  if (error instanceof Anthropic.APIError) {
    return statusError('Anthropic', error.status, model, 'ANTHROPIC_API_KEY', error.apiMessage ?? error.message)
  }
  return error
}

/** A language model that may call tools, whoever provides it. */
import type { JsonSchema } from '../schema.ts'

export interface OfferedTool {
  /** 1 to 64 letters, digits, "_" and "-": what every provider takes. */
  name: string
  description: string
  inputSchema: JsonSchema
}

export interface ModelCall {
  id: string
  name: string
  /** Null when the model wrote something else than an object. */
  input: Record<string, unknown> | null
}

export interface CallAnswer {
  id: string
  text: string
  /** The call gave an error, or was not made. */
  failed: boolean
}

export interface Reply {
  text: string
  /** Empty when the model is done. */
  calls: ModelCall[]
  /** It was cut off by its own limit of length. */
  cut: boolean
}

/** What has been said so far is kept inside, in the provider's own form. */
export interface Conversation {
  /**
   * @param said the user's words, or the answers to all calls of the last reply
   * @param tools that the model may call now
   * @throws {ModelError}, and the signal's reason
   */
  say(said: string | readonly CallAnswer[], tools: readonly OfferedTool[], signal: AbortSignal): Promise<Reply>
  /** Leaves no connection behind. */
  close(): void
}

/** How to reach a model. */
export interface ModelSettings {
  model: string
  /** URL of the endpoint; null for the provider's own. */
  baseUrl: string | null
  /** Null where none is needed or the SDK finds its own. */
  apiKey: string | null
  /** Everything that was set, for an SDK that looks for its credentials there. */
  env: Readonly<Record<string, string | undefined>>
}

export type OpenConversation = (settings: ModelSettings, instructions: string) => Conversation

/** The provider did not answer, or refused. The message says what to do, and holds nothing secret. */
export class ModelError extends Error {
  override name = 'ModelError'
  /** Whether the settings are to be changed. */
  readonly settings: boolean
  constructor(message: string, settings: boolean) {
    super(message)
    this.settings = settings
  }
}

/** Tokens that a reply may have. */
export const MAX_TOKENS = 4096
/** Milliseconds for one reply. */
export const REPLY_TIMEOUT = 120_000

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Only what says what the values are: some models take nothing else at the top of a schema. */
export function plainSchema(schema: JsonSchema): Record<string, unknown> & { type: 'object' } {
  const kept = ['properties', 'required', '$defs', 'definitions'].filter((name) => schema[name] !== undefined)
  return { properties: {}, ...Object.fromEntries(kept.map((name) => [name, schema[name]])), type: 'object' }
}

/** What a status of an HTTP API for models means, where all providers agree. What is said about a wrong key may repeat parts of it. */
export function statusError(provider: string, status: number | undefined, model: string, key: string, said: string): ModelError {
  if (status === 401) return new ModelError(`${provider} does not accept ${key}.`, true)
  if (status === 403) return new ModelError(`${provider} does not let this ${key} use the model "${model}".`, true)
  if (status === 404) return new ModelError(`${provider} has no model "${model}", or the address is wrong: ${said}`, true)
  if (status === 429) return new ModelError(`${provider} says that too much was asked, or that nothing is left to pay with: ${said}`, false)
  if (status === undefined) return new ModelError(`${provider} cannot be reached: ${said}`, false)
  return new ModelError(`${provider} answered with status ${status}: ${said}`, false)
}

/**
 * Says something to a model.
 * @throws {ModelError} also for an answer that is none of its API, and the signal's reason
 */
export async function sayTo(
  conversation: Conversation,
  said: string | readonly CallAnswer[],
  tools: readonly OfferedTool[],
  signal: AbortSignal,
): Promise<Reply> {
  try {
    return await conversation.say(said, tools, signal)
  } catch (error) {
    signal.throwIfAborted()
    // What reads the answer stumbles so.
    if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error
    throw new ModelError('The endpoint of the model gave no usable answer. Try again, or check that its URL is that of the API.', false)
  }
}

/** Which model answers: by what was asked for, then by what is configured. */
import { ConfigError, type Environment, SettingsReader } from '../../settings.ts'
import type { ModelSettings, OpenConversation } from './model.ts'

export const PROVIDERS = ['bedrock', 'anthropic', 'openai'] as const
export type Provider = (typeof PROVIDERS)[number]

export interface ModelChoice extends ModelSettings {
  provider: Provider
}

/** Loads the SDK of one provider, and no other. */
export async function loadProvider(provider: Provider): Promise<OpenConversation> {
  switch (provider) {
    case 'bedrock':
      return (await import('./bedrock.ts')).openConversation
    case 'anthropic':
      return (await import('./anthropic.ts')).openConversation
    case 'openai':
      return (await import('./openai.ts')).openConversation
  }
}

/** For whoever has none yet. */
export const HOW_TO_CONFIGURE = `No model is configured. There are three ways:
  - Amazon Bedrock: BEDROCK_MODEL_ID (or --model), AWS_REGION and AWS credentials as for every AWS tool
  - Anthropic: ANTHROPIC_API_KEY and ANTHROPIC_MODEL (or --model)
  - any OpenAI-compatible endpoint: OPENAI_BASE_URL (a local one needs no account), OPENAI_MODEL (or --model), and OPENAI_API_KEY if it wants one
"gatehouse tools" and "gatehouse call" need no model.`

/**
 * @param asked by option; undefined where nothing was asked for
 * @returns null when nothing says which model
 * @throws {ConfigError} when what says so is not complete
 */
export function chooseModel(env: Environment, asked: { provider?: Provider; model?: string }): ModelChoice | null {
  const reader = new SettingsReader(env)
  const provider = asked.provider ?? configured(reader, asked.model)
  if (provider === null) return null
  const choice = { provider, ...readSettings(reader, provider, asked.model), env }
  if (reader.problems.length > 0) throw new ConfigError(reader.problems)
  return choice
}

/** The first one that something was set for. A model alone is one of Bedrock's, whose credentials may come from anywhere. */
function configured(reader: SettingsReader, model: string | undefined): Provider | null {
  const has = (...names: string[]): boolean => names.some((name) => reader.text(name) !== undefined)
  if (has('BEDROCK_MODEL_ID')) return 'bedrock'
  if (has('ANTHROPIC_API_KEY')) return 'anthropic'
  if (has('OPENAI_BASE_URL', 'OPENAI_API_KEY')) return 'openai'
  return model === undefined ? null : 'bedrock'
}

function readSettings(reader: SettingsReader, provider: Provider, asked: string | undefined): Omit<ModelSettings, 'env'> {
  const model = (name: string, example: string): string => {
    const text = asked ?? reader.text(name)
    if (text === undefined) reader.wrong(name, 'is missing, and --model was not given', example)
    return text ?? ''
  }
  switch (provider) {
    case 'bedrock':
      return { model: model('BEDROCK_MODEL_ID', 'us.amazon.nova-pro-v1:0'), baseUrl: null, apiKey: null }
    case 'anthropic': {
      const apiKey = reader.text('ANTHROPIC_API_KEY') ?? null
      if (apiKey === null) reader.wrong('ANTHROPIC_API_KEY', 'is missing', 'the key from the console')
      return { model: model('ANTHROPIC_MODEL', 'claude-sonnet-5-5'), baseUrl: readUrl(reader, 'ANTHROPIC_BASE_URL'), apiKey }
    }
    case 'openai': {
      const baseUrl = readUrl(reader, 'OPENAI_BASE_URL')
      const apiKey = reader.text('OPENAI_API_KEY') ?? null
      if (baseUrl === null && apiKey === null)
        reader.wrong('OPENAI_BASE_URL', 'is missing, and OPENAI_API_KEY too', 'http://localhost:11434/v1')
      return { model: model('OPENAI_MODEL', 'qwen3'), baseUrl, apiKey }
    }
  }
}

function readUrl(reader: SettingsReader, name: string): string | null {
  const text = reader.text(name)
  if (text === undefined) return null
  const url = URL.canParse(text) ? new URL(text) : null
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return text
  // It may hold a password, so it is not repeated.
  reader.wrong(name, 'must be an http or https URL without user and password', 'http://localhost:11434/v1')
  return null
}

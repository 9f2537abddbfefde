/** Amazon Bedrock's Converse API, which is the same for the models of all its providers. */
import {
  BedrockRuntimeClient,
  BedrockRuntimeServiceException,
  type ContentBlock,
  ConverseCommand,
  type ConverseCommandOutput,
  type Message,
  type ToolConfiguration,
} from '@aws-sdk/client-bedrock-runtime'
import {
  type CallAnswer,
  type Conversation,
  isObject,
  MAX_TOKENS,
  ModelError,
  type ModelSettings,
  type OfferedTool,
  plainSchema,
  REPLY_TIMEOUT,
  statusError,
} from './model.ts'

type Document = NonNullable<ContentBlock.ToolUseMember['toolUse']['input']>

export function openConversation({ model, env }: ModelSettings, instructions: string): Conversation {
  shareWithTheSdk(env)
  const region = env.BEDROCK_REGION?.trim()
  const requestHandler = { requestTimeout: REPLY_TIMEOUT, connectionTimeout: 10_000 }
  const client = new BedrockRuntimeClient({ requestHandler, ...(region ? { region } : {}) })
  const messages: Message[] = []
  return {
    close: () => client.destroy(),
    async say(said, tools, signal) {
      messages.push({ role: 'user', content: typeof said === 'string' ? [{ text: said }] : said.map(resultBlock) })
      const command = new ConverseCommand({
        modelId: model,
        system: [{ text: instructions }],
        messages,
        inferenceConfig: { maxTokens: MAX_TOKENS },
        ...(tools.length > 0 ? { toolConfig: offer(tools) } : {}),
      })
      const output = await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
        signal.throwIfAborted()
        throw errorOf(error, model)
      })
      return readReply(output, messages, model)
    },
  }
}

/** The SDK looks for credentials, region and endpoint in the process's environment, and settings files are none of it. */
function shareWithTheSdk(env: ModelSettings['env']): void {
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith('AWS_') && value) process.env[name] ??= value
  }
  // Which Node the SDK will want next year is of no use to whoever asks a question.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
}

const offer = (tools: readonly OfferedTool[]): ToolConfiguration => ({
  tools: tools.map(({ name, description, inputSchema }) => ({
    // A description must not be empty here.
    toolSpec: { name, description: description || name, inputSchema: { json: plainSchema(inputSchema) as Document } },
  })),
})

const resultBlock = ({ id, text, failed }: CallAnswer): ContentBlock => ({
  toolResult: { toolUseId: id, content: [{ text: text || '(nothing)' }], status: failed ? 'error' : 'success' },
})

function readReply({ output, stopReason }: ConverseCommandOutput, messages: Message[], model: string) {
  const message = output?.message
  if (message?.content === undefined) throw statusError('Amazon Bedrock', 200, model, '', 'its answer has no message')
  // As it came: what the model thought must go back to it unchanged.
  messages.push(message)
  return {
    text: message.content.flatMap(({ text }) => (text === undefined ? [] : [text])).join('\n'),
    calls: message.content.flatMap(({ toolUse }) => {
      if (toolUse?.toolUseId === undefined || toolUse.name === undefined) return []
      return [{ id: toolUse.toolUseId, name: toolUse.name, input: isObject(toolUse.input) ? toolUse.input : null }]
    }),
    cut: stopReason === 'max_tokens',
  }
}

/** Keyed by the names that AWS gives its errors. */
const EXPLANATIONS: Record<string, string> = {
  AccessDeniedException: 'The AWS identity may not use this model: it needs bedrock:InvokeModel, and the account access to the model.',
  ResourceNotFoundException: 'There is no such model in this region. Check the model id and BEDROCK_REGION or AWS_REGION.',
  ValidationException:
    'The model id is wrong, the model is only to be had by an inference profile (such as us.MODEL), or it cannot call tools.',
  UnrecognizedClientException: 'The AWS credentials are not valid.',
  InvalidSignatureException: 'The AWS secret key is wrong, or the clock of this machine is off.',
  ExpiredTokenException: 'The AWS credentials have expired. Get new ones, for example by: aws sso login',
  CredentialsProviderError:
    'There are no AWS credentials. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role is.',
}

function errorOf(error: unknown, model: string): unknown {
  if (!(error instanceof Error)) return error
  const explanation = EXPLANATIONS[error.name]
  if (explanation !== undefined)
    return new ModelError(`Amazon Bedrock, model "${model}": ${explanation} AWS says: ${error.name}: ${error.message}`, true)
  // The SDK has no name for it.
  if (/region is missing/i.test(error.message))
    return new ModelError('Amazon Bedrock needs a region. Set AWS_REGION or BEDROCK_REGION.', true)
  if (error instanceof BedrockRuntimeServiceException) {
    return statusError('Amazon Bedrock', error.$metadata.httpStatusCode, model, 'the AWS credentials', `${error.name}: ${error.message}`)
  }
  const { code } = error as NodeJS.ErrnoException
  return new ModelError(
    `Amazon Bedrock cannot be reached: ${typeof code === 'string' ? code : error.name}. Check the region, and AWS_ENDPOINT_URL_BEDROCK_RUNTIME if it is set.`,
    false,
  )
}

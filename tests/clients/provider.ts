/** What an MCP client remembers of its authorization, as both SDKs want it: in memory, and where users are sent is written down. */
import type {
  OAuthClientMetadata,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client'

export interface ProviderOptions {
  redirectUri: string
  name: string
  /** Forgets refresh tokens, as a client that wants none does. */
  withoutRefresh?: boolean
}

export type Provider = ReturnType<typeof createProvider>

export function createProvider({ redirectUri, name, withoutRefresh = false }: ProviderOptions) {
  let client: StoredOAuthClientInformation | undefined
  let tokens: StoredOAuthTokens | undefined
  let discovery: OAuthDiscoveryState | undefined
  let verifier = ''
  const clientMetadata: OAuthClientMetadata = {
    client_name: name,
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  }
  /** The addresses that the user was to open. */
  const asked: URL[] = []
  return {
    asked,
    redirectUrl: redirectUri,
    clientMetadata,
    state: (): string => `state of ${name} ${asked.length}`,
    clientInformation: () => client,
    saveClientInformation: (given: StoredOAuthClientInformation): void => {
      client = given
    },
    tokens: () => tokens,
    saveTokens: ({ refresh_token: refresh, ...rest }: StoredOAuthTokens): void => {
      tokens = refresh === undefined || withoutRefresh ? rest : { ...rest, refresh_token: refresh }
    },
    redirectToAuthorization: (address: URL): void => void asked.push(address),
    codeVerifier: (): string => verifier,
    saveCodeVerifier: (given: string): void => {
      verifier = given
    },
    discoveryState: () => discovery,
    saveDiscoveryState: (given: OAuthDiscoveryState): void => {
      discovery = given
    },
  }
}

/** What to do after `gatehouse init`. */
import type { Answers } from './files.ts'
import { SCOPES } from './policy_text.ts'

export interface Step {
  say: string
  /** Lines to copy. */
  code: string[]
}

/**
 * @param folder as a word of a shell, or null for the working directory; all steps from the first that names it are done there
 * @param hasUpstreams whether there is a file of upstreams
 * @param fromStack null when Cognito is not set up by a stack; else whether there is a file for its agent
 */
export function nextSteps(
  { REGISTRY_URL, COGNITO_CLIENT_ID }: Answers,
  folder: string | null,
  hasUpstreams: boolean,
  fromStack: boolean | null = null,
): Step[] {
  const include = hasUpstreams ? ['include gatehouse-upstreams.conf;     # in http { }'] : []
  return [
    ...(fromStack === null ? atCognito(COGNITO_CLIENT_ID, REGISTRY_URL) : []),
    {
      say: 'Let the doctor look at the settings and at Cognito:',
      code: [...(folder === null ? [] : [`cd ${folder}`]), 'gatehouse doctor --env-file .env --no-nginx'],
    },
    { say: 'Start the validator; it stays in the foreground:', code: ['gatehouse serve --env-file .env'] },
    {
      say: 'Give NGINX its files and include them:',
      code: [
        'sudo cp -r nginx/. /etc/nginx/',
        'include gatehouse/http.conf;            # in http { }',
        ...include,
        'include gatehouse/server.conf;          # in server { }',
        'include gatehouse-servers.conf;         # in server { }, behind it',
        'sudo nginx -t && sudo nginx -s reload',
      ],
    },
    {
      say:
        fromStack === null
          ? 'Put users into the groups of scopes.yml, give agents its scopes, and let the doctor look at all of it:'
          : 'Put users into the groups of scopes.yml, and let the doctor look at all of it:',
      code: [`sudo gatehouse doctor --env-file .env${fromStack === true ? ' --env-file .env.agent' : ''}`],
    },
  ]
}

function atCognito(client: string | null, gateway: string | null): Step[] {
  if (client === null) {
    const say = 'Nobody can log in by a browser, and no MCP client can sign its user in yet: set COGNITO_CLIENT_ID in .env for that.'
    return [{ say: `${say} Agents can use their tokens.`, code: [] }]
  }
  const callbacks = [`${gateway}/oauth2/callback/cognito`, `${gateway}/oauth2/callback/mcp`]
  return [
    {
      say: `In Cognito, give the app client ${client} both callback URLs, of users and of MCP clients, and the sign-out URL, to the letter:`,
      code: [...callbacks, `${gateway}/oauth2/signed-out`],
    },
    {
      say: `Make the scopes of scopes.yml in Cognito, and allow them to ${client}: MCP clients ask for them. Or set MCP_SCOPES=none in .env:`,
      code: [...SCOPES],
    },
  ]
}

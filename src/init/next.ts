/** What to do after `gatehouse init`. */
import type { Answers } from './files.ts'

export interface Step {
  say: string
  /** Lines to copy. */
  code: string[]
}

/**
 * @param folder as a word of a shell, or null for the working directory
 * @param hasUpstreams whether there is a file of upstreams
 */
export function nextSteps({ REGISTRY_URL, COGNITO_CLIENT_ID }: Answers, folder: string | null, hasUpstreams: boolean): Step[] {
  const login =
    COGNITO_CLIENT_ID === null
      ? 'Nobody can log in by a browser yet: set COGNITO_CLIENT_ID in .env for that. Agents can use their tokens.'
      : `In Cognito, give the app client ${COGNITO_CLIENT_ID} the callback URL and the sign-out URL, to the letter:`
  const urls = COGNITO_CLIENT_ID === null ? [] : [`${REGISTRY_URL}/oauth2/callback/cognito`, `${REGISTRY_URL}/oauth2/signed-out`]
  const include = hasUpstreams ? ['include gatehouse-upstreams.conf;     # in http { }'] : []
  return [
    { say: login, code: urls },
    {
      say: 'Let the doctor look at the settings and at Cognito:',
      code: [...inFolder(folder), 'gatehouse doctor --env-file .env --no-nginx'],
    },
    { say: 'Start the validator:', code: [...inFolder(folder), 'gatehouse serve --env-file .env'] },
    {
      say: 'Give NGINX its files and include them:',
      code: [
        ...inFolder(folder),
        'sudo cp -r nginx/. /etc/nginx/',
        'include gatehouse/http.conf;            # in http { }',
        ...include,
        'include gatehouse/server.conf;          # in server { }',
        'include gatehouse-servers.conf;         # in server { }, behind it',
        'sudo nginx -t && sudo nginx -s reload',
      ],
    },
    {
      say: 'Put users into the groups of scopes.yml, give agents its scopes, and let the doctor look at all of it:',
      code: ['sudo gatehouse doctor --env-file .env'],
    },
  ]
}

const inFolder = (folder: string | null): string[] => (folder === null ? [] : [`cd ${folder}`])

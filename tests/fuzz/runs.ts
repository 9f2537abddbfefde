/** How many cases every property has in one run, by file. `total.test.ts` adds them up. */
export const RUNS = {
  body: {
    'the strict reader says what JSON.parse says, or refuses': 3300,
    'a member that is there twice is refused': 5500,
    'headers that repeat a call lead back to it': 5500,
    'headers are believed for what another decoder reads in them': 5500,
  },
  body_njs: {
    'both readers agree with JSON.parse': 2200,
    'what is read at a glance is what the strict reader says': 11_000,
    'what serializers write is read at a glance': 1100,
    'the strict reader reads what it reads in Node': 3300,
    'a member that is there twice is refused': 1100,
    'headers name what they name in Node': 1100,
    'lists show what they show in Node': 1600,
  },
  headers: {
    'cookies are those that a slow reader finds': 8200,
    'one credential counts, or none does': 8200,
    'the quick way to read a question reads what the other one does': 3300,
  },
  paths: { 'a path is heard as it was written, or not at all': 2000 },
  replies: {
    'the validator reads the call that the gate has read': 4400,
    'a call that is no call is none': 5500,
    'identity headers decode to what they say, and nothing breaks them': 3300,
    'a challenge is one that every client can read': 3300,
  },
  redirects: {
    'no path leads a browser away after the login': 16_500,
    'a redirect URI is what a browser takes it for': 11_000,
    'two redirect URIs are one only where nothing but the loopback differs': 5500,
    'no redirect of an MCP server leads to another one of the gateway': 16_500,
  },
  tokens: {
    'no forged token is accepted, and none throws': 3300,
    'a token of the largest size is judged at once': 300,
    'no forged seal opens': 300,
  },
  policy: {
    'a text of words out of YAML': 2200,
    'a shipped file with some changes': 600,
    'a random policy with some changes': 1500,
    'a file that stands for more than it holds is judged in time': 100,
  },
  settings: {
    'an environment is read, or refused without its secrets': 1600,
    'a file of settings is read, or refused without its secrets': 1000,
  },
  lists: {
    'a list shows what may be used, as it stood there': 1600,
    'an answer of any kind shows no name that may not be used': 4500,
  },
} as const satisfies Record<string, Record<string, number>>

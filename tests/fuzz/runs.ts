/** How many cases every property has in one run, by file. `total.test.ts` adds them up. */
export const RUNS = {
  body: {
    'the strict reader says what JSON.parse says, or refuses': 6000,
    'the quick reader says what the strict one says, or nothing': 20_000,
    'the quick reader reads what serializers write': 2000,
    'a member that is there twice is refused': 10_000,
    'headers that repeat a call lead back to it': 10_000,
    'headers are believed for what another decoder reads in them': 10_000,
  },
  body_njs: {
    'both readers agree with JSON.parse': 4000,
    'the quick reader reads what it reads in Node, and so does the strict one': 6000,
    'a member that is there twice is refused': 2000,
    'headers name what they name in Node': 2000,
    'lists show what they show in Node': 3000,
  },
  headers: {
    'cookies are those that a slow reader finds': 15_000,
    'one credential counts, or none does': 15_000,
    'the quick way to read a question reads what the other one does': 6000,
  },
  replies: {
    'the validator reads the call that the gate has read': 8000,
    'a call that is no call is none': 10_000,
    'identity headers decode to what they say, and nothing breaks them': 6000,
    'a challenge is one that every client can read': 6000,
  },
  redirects: {
    'no path leads a browser away after the login': 30_000,
    'a redirect URI is what a browser takes it for': 20_000,
    'two redirect URIs are one only where nothing but the loopback differs': 10_000,
    'no redirect of an MCP server leads to another one of the gateway': 30_000,
  },
  tokens: {
    'no forged token is accepted, and none throws': 6000,
    'a token of the largest size is judged at once': 300,
    'no forged seal opens': 300,
  },
  policy: {
    'a text of words out of YAML': 4000,
    'a shipped file with some changes': 600,
    'a random policy with some changes': 1500,
    'a file that stands for more than it holds is judged in time': 100,
  },
  settings: {
    'an environment is read, or refused without its secrets': 3000,
    'a file of settings is read, or refused without its secrets': 1000,
  },
  lists: {
    'a list shows what may be used, as it stood there': 3000,
    'an answer of any kind shows no name that may not be used': 1500,
  },
} as const satisfies Record<string, Record<string, number>>

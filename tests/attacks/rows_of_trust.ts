/** Attacks by what somebody is believed: what they may do, tokens, sessions, logins, remembered decisions, servers, and failures. */
import { family, type Row } from './row.ts'

const CHANGE = 'tests/gateway/change.test.ts'
const KEYS = 'tests/cognito/keys.test.ts'
const AWAY = 'tests/gateway/availability.test.ts'

const RIGHTS: Row[] = family('rights', {
  111: 'a tool outside of the caller’s scopes',
  112: 'the method alone is open, not the tool',
  114: 'methods that the policy does not list',
  115: 'a resource or a prompt outside of the scopes',
  116: 'the header names another method than the body',
  117: 'the header names another tool than the body',
  118: 'the header’s name is encoded',
  120: 'headers that the protocol version demands are missing',
  122: 'an older version, and headers alone',
  123: 'a caller without scopes or groups',
  124: 'groups that the policy does not know',
  125: 'groups in another form than a list of names',
  128: 'the validator starts without a policy',
  129: ['a policy with traps in its YAML', 'tests/scopes/load.test.ts', 'aliases upon aliases are refused'],
  130: 'a star inside a name',
  131: 'a right is withdrawn while a yes is remembered',
  132: 'the MCP session of another caller',
  133: 'an MCP session without a credential',
  134: 'streams and ends of sessions without a right',
  135: 'the stream of another caller is resumed',
  136: 'a page of another origin',
  138: 'a name that leads to the gateway after all',
  140: 'an upgrade to a WebSocket',
  141: 'an upgrade to HTTP/2',
  142: 'a stream that outlives its token',
})

const TOKENS: Row[] = family('token', {
  143: 'no signature',
  145: 'the public key used as a shared secret',
  146: 'another algorithm',
  148: 'the algorithm is no text, missing or doubled',
  149: 'a stranger’s key under the known name',
  151: 'the header says where to fetch the attacker’s key',
  152: 'the same, signed by the pool',
  153: 'extensions that must be understood',
  155: 'compressed, nested and encrypted tokens',
  157: 'names of keys that nobody has',
  159: 'too few or too many parts',
  160: 'something before or behind the token',
  161: 'another alphabet',
  163: 'signatures of another length',
  164: 'a bit is changed',
  165: 'padding that RFC 8017 does not allow',
  166: 'no end',
  168: 'the end is over',
  169: 'not valid yet',
  170: 'issued in the future, or at no time',
  172: 'another pool of the region',
  173: 'another spelling of the issuer',
  175: 'an ID token',
  176: 'another use',
  177: 'another client',
  178: 'the right audience and the wrong client',
  179: 'members that reach for the prototype',
  181: 'a very long token',
  184: 'a user who has signed out of Cognito',
  185: 'the same token from another address',
})

const SESSIONS: Row[] = family('session', {
  186: 'no session, or an empty one',
  187: 'a seal of another key',
  188: 'a seal that was changed',
  191: 'a session that is over',
  193: 'a seal for another purpose',
  195: 'an older format of seals',
  197: 'cookies planted by a neighbour',
  198: 'very long cookies',
  199: 'a session and a token at once',
  200: 'the key is replaced and then removed',
  201: 'a user whose group was taken away',
  202: 'a session after the sign-out',
  203: 'attributes of the cookie',
})

const LOGINS: Row[] = family('login', {
  204: 'addresses that lead away after the login',
  205: 'addresses that look like paths of the gateway',
  207: 'other schemes, and line ends, as addresses',
  209: 'a callback of another browser, or of nobody',
  210: 'a callback twice, or too late',
  211: 'a code twice',
  212: 'no proof of who began',
  213: 'an ID token of another login',
  215: 'markup in an error of the pool',
  217: 'Host and its like name another gateway',
  218: 'a session that was there before',
  220: 'another site signs the user out, or consents',
  221: 'the sign-out leads away',
  223: ['a stranger calls the program’s listener', 'tests/cli/loopback.test.ts', 'only the first call counts'],
  224: ['others read what the program keeps', 'tests/cli/cookie_file.test.ts', 'only the owner may read it, whatever the umask'],
  225: ['the program opens what is no web address', 'tests/cli/login_direct.test.ts', 'opens the browser without a shell'],
  226: 'a client’s request for authorization, or an answer of somebody else',
})

const MEMORY: Row[] = family('remembered decision', {
  227: 'a stranger at the address of a known caller',
  228: 'a stranger at another address',
  229: 'the same credential at another server',
  230: 'the same credential and another tool',
  231: 'the same credential and another kind of request',
  233: 'credentials that are nearly the same',
  235: 'credentials in files',
  237: 'the credential ends while it is remembered',
  238: 'refusals and failures are remembered',
  239: 'the validator is away',
  240: 'the client speaks of caches',
  243: 'the policy changes',
})

const SERVERS: Row[] = family('MCP server', {
  260: 'it steers NGINX to what is internal',
  261: 'it steers NGINX to another server',
  263: 'it sets the session cookie',
  265: 'its refusals look like those of the gate',
  266: 'it sends clients elsewhere',
  267: 'its answer has no end, or is no HTTP',
})

const FAILURES: Row[] = family('failure', {
  268: 'the validator is away',
  269: 'the validator hangs',
  271: ['the validator answers something else', AWAY, 'lets nobody through'],
  273: ['no keys at the start', CHANGE, 'without keys the validator is not ready and lets nobody through'],
  274: ['the key endpoint is away', CHANGE, 'an outage of the key endpoint hurts nobody whose key is known'],
  275: ['the key endpoint is away, and a new key is named', KEYS, 'failures are limited as well'],
  276: 'a flood of names of keys',
  277: ['a new key within the pause', CHANGE, 'a key that the pool begins to publish is accepted'],
  278: ['a key is withdrawn', KEYS, 'a removed key is refused within ten minutes'],
  281: ['the clock steps', 'tests/cognito/keys_slow.test.ts', 'steps of the wall clock age no key'],
  282: ['the policy is broken while it is in use', CHANGE, 'a broken policy replaces nothing'],
  283: 'reloads under load',
  284: 'no more open files',
  285: 'no more connections',
})

export const TRUST: readonly Row[] = [...RIGHTS, ...TOKENS, ...SESSIONS, ...LOGINS, ...MEMORY, ...SERVERS, ...FAILURES]

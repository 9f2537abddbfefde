/** Changes to nginx/gatehouse-dict/ that somebody might make, each with the rule of the lint that must find it. */
import { type Mutation, mutation, without } from './lint_mutations.ts'

const QUESTION = 'the question is answered by the validator, or by what is remembered of its answer'
const ONCE = 'what is remembered answers one question'
const SOURCE = 'what is remembered of a caller comes from the validator'

const MAIN = 'nginx.conf'
const CACHE = 'gatehouse/cache.conf'
const IDENTITY = 'gatehouse/identity.conf'
const REMEMBER = 'gatehouse/remember.conf'
const RECALL = 'if ($gatehouse_known ~ "^'
const FILTER = 'js_header_filter remember.answered;'
const FORGET = 'auth_request_set $gatehouse_known "";'

export const DICT_MUTATIONS: readonly Mutation[] = [
  mutation(QUESTION, 'everybody is known', REMEMBER, FILTER, `${FILTER} return 204;`),
  mutation(QUESTION, 'who sends a header is known', REMEMBER, FILTER, `${FILTER} if ($http_x_known) { return 204; }`),
  mutation(QUESTION, 'whatever is remembered will do', REMEMBER, RECALL, 'if ($gatehouse_known ~ "'),
  mutation(QUESTION, 'another variable is looked at', REMEMBER, RECALL, 'if ($http_x_known ~ "^'),
  mutation(QUESTION, 'a caller without a name', REMEMBER, '(?<gatehouse_user>[^\\n]+)', '(?<gatehouse_user>[^\\n]*)'),
  mutation(QUESTION, 'two lines in another order', REMEMBER, '<gatehouse_username>', '<gatehouse_client_id>'),
  mutation(QUESTION, 'the name of the server is not compared', REMEMBER, '<gatehouse_server_name>', '<gatehouse_other_name>'),
  mutation(QUESTION, 'the known are answered with a page', REMEMBER, 'return 204;', 'return 200 ok;'),
  mutation(QUESTION, 'another variable is set for the known', REMEMBER, 'return 204;', 'set $gatehouse_pass 1; return 204;'),
  mutation(QUESTION, 'a refusal becomes an answer', REMEMBER, FILTER, `${FILTER} error_page 401 =204 @gatehouse_401;`),
  without(ONCE, IDENTITY, FORGET),
  mutation(ONCE, 'it is not forgotten', IDENTITY, FORGET, 'auth_request_set $gatehouse_known $gatehouse_known;'),
  without(ONCE, REMEMBER, FILTER),
  mutation(ONCE, 'two memories', REMEMBER, 'proxy_cache off;', 'proxy_cache gatehouse;'),
  mutation(SOURCE, 'a file holds the decisions', CACHE, 'timeout=1s evict', 'timeout=1s evict state=decisions.json'),
  mutation(SOURCE, 'a minute with njs before 0.8.5', CACHE, 'timeout=1s', 'timeout=1m'),
  mutation(SOURCE, 'no end with njs before 0.8.5', CACHE, ' timeout=1s evict', ''),
  mutation(
    SOURCE,
    'a map says who is known',
    CACHE,
    'js_var $gatehouse_known;',
    'map $http_x_known $gatehouse_known { default $http_x_known; }',
  ),
  mutation(
    SOURCE,
    'a location says who is known',
    MAIN,
    'set $gatehouse_server   mcpgw;',
    'set $gatehouse_server mcpgw; set $gatehouse_known x;',
  ),
  mutation(
    SOURCE,
    'the path says who it is',
    MAIN,
    'location / {',
    'location ~ ^/by/(?<gatehouse_user>[^/]+)$ { return 404; }\nlocation / {',
  ),
  mutation(SOURCE, 'a map says who it is', MAIN, 'server {', 'map $http_x_user $x { "~(?P<gatehouse_user>.*)" 1; }\nserver {'),
]

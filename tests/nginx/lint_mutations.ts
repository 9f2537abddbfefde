/** Changes to the shipped configuration that somebody might make, each with the rule of the lint that must find it. */

export interface Mutation {
  rule: string
  what: string
  file: string
  from: string
  to: string
}

const MAIN = 'nginx.conf'
const LOCATION = 'gatehouse/location.conf'
const SERVER = 'gatehouse/server.conf'
const QUESTION = 'gatehouse/question.conf'
const REMEMBER = 'gatehouse/remember.conf'
const HTTP = 'gatehouse/http.conf'
const ASKER = 'set $gatehouse_asker "$http_authorization\\n$http_cookie\\n$http_origin";'
const GLANCE = 'gatehouse/glance.conf'
const LIMITED = 'gatehouse/limited.conf'
const GUARDS = 'gatehouse/guards.conf'
const BACKEND = 'gatehouse/backend.conf'
const GATE = 'include gatehouse/location.conf;'
const NOT_FOUND = 'location / {'
const UNREMEMBERED = 'location = /_gatehouse/unremembered {\n    internal;'
const PASS = 'if ($gatehouse_pass != 1) { return 403; }'

export const mutation = (rule: string, what: string, file: string, from: string, to: string): Mutation => ({ rule, what, file, from, to })
/** One more location before the last one. */
const added = (rule: string, what: string, location: string): Mutation => mutation(rule, what, MAIN, NOT_FOUND, `${location}\n${NOT_FOUND}`)
export const without = (rule: string, file: string, line: string): Mutation => mutation(rule, `${line} is missing`, file, line, '')

const REACHED = 'an MCP server is reached through the gate alone'
const WHOLE = 'a protected location has the whole gate'
const EARLY = 'no answer before the question'
const CONDITION = 'no condition has a way of its own'
const LONGER = 'no longer path leads around a protected location'
const PAGES = 'an error page neither proxies nor succeeds'
const LOGS = 'no credential in a log'
const CONSTANT = 'the name of the server is a constant'
const IDENTITY = 'identity is written at every way to an MCP server'
const REMEMBERED = 'a decision is remembered for the one who asked, and not longer than the validator says'
const KEY = 'nothing is remembered without a key'
const JUDGED = 'a yes is that of the contract, and what is judged is what is forwarded'
const ROOM = 'room for decisions is looked for where they are kept'
const CACHE = 'gatehouse/cache.conf'
const LOOKED = 'map "" $gatehouse_decisions { default /run/gatehouse-decisions; }'
const ANSWERS = 'what an MCP server answers is looked at'
const LIMITS = 'how much may be asked is limited before anybody is asked'
const STEERED = 'an MCP server cannot steer nginx'

export const MUTATIONS: readonly Mutation[] = [
  added(REACHED, 'a location that proxies without the gate', 'location /open/ { proxy_pass http://currenttime; }'),
  added(REACHED, 'a location that asks, but reads no body', 'location /x/ { auth_request /_gatehouse/validate; proxy_pass http://mcpgw; }'),
  added(
    REACHED,
    'a named location without the check of the pass',
    'location @x { include gatehouse/backend.conf; proxy_pass http://mcpgw; }',
  ),
  added(REACHED, 'another protocol', 'location /x/ { fastcgi_pass 127.0.0.1:9000; }'),
  mutation(REACHED, 'the check of the pass is gone', SERVER, PASS, ''),
  mutation(
    REACHED,
    'the check of the pass is not the first thing',
    SERVER,
    `${PASS}\n    include gatehouse/backend.conf;`,
    `include gatehouse/backend.conf;\n${PASS}`,
  ),
  mutation(REACHED, 'the check of the pass lets another value through', SERVER, PASS, 'if ($gatehouse_pass = 0) { return 403; }'),
  mutation(REACHED, 'the check of the pass answers 200', SERVER, PASS, 'if ($gatehouse_pass != 1) { return 200; }'),
  mutation(
    REACHED,
    'a location in a protected one that proxies',
    MAIN,
    GATE,
    `${GATE} location /currenttime/x { proxy_pass http://currenttime; }`,
  ),
  without(WHOLE, LOCATION, 'auth_request /_gatehouse/validate;'),
  without(WHOLE, LOCATION, 'js_content gatehouse.gate;'),
  without(WHOLE, LOCATION, 'include gatehouse/guards.conf;'),
  without(WHOLE, GUARDS, 'proxy_pass   http://gatehouse_validator;'),
  without(WHOLE, GUARDS, 'uwsgi_pass   gatehouse_validator;'),
  without(WHOLE, GUARDS, 'mirror off;'),
  mutation(WHOLE, 'the include is gone', MAIN, GATE, 'proxy_pass http://currenttime;'),
  mutation(WHOLE, 'somebody else is asked', LOCATION, 'auth_request /_gatehouse/validate;', 'auth_request /health;'),
  added(
    'the validator is reached where it must be alone',
    'all of the validator is open',
    'location /v/ { proxy_pass http://gatehouse_validator; }',
  ),
  added(
    'the validator is reached where it must be alone',
    'the question is open to clients',
    'location /v/ { proxy_pass http://gatehouse_validator/validate; }',
  ),
  mutation('the question is internal', 'anybody may ask', SERVER, 'internal;', ''),
  mutation('the question is internal', 'anybody may ask without a memory', SERVER, UNREMEMBERED, UNREMEMBERED.replace('internal;', '')),
  mutation(
    PAGES,
    'the question for an error page',
    LOCATION,
    'error_page 301 = @gatehouse_404;',
    'error_page 500 = /_gatehouse/unremembered;',
  ),
  mutation(PAGES, 'a refusal is asked again', SERVER, 'error_page 500 = /_gatehouse/', 'error_page 500 403 = /_gatehouse/'),
  without('the question carries no body and no header of the client', QUESTION, 'proxy_pass_request_headers off;'),
  without('the question carries no body and no header of the client', QUESTION, 'proxy_pass_request_body off;'),
  without(LIMITS, LOCATION, 'include gatehouse/limited.conf;'),
  mutation(LIMITS, 'who asks with a token is known by another header', LOCATION, 'if ($http_authorization !~*', 'if ($http_x_token !~*'),
  mutation(
    LIMITS,
    'who asks with a token is known by its beginning',
    LOCATION,
    '(?|.{100,}+(?<=(?<token_end>[^ \\t]{40}))',
    '(?|(?<token_end>[^ \\t]{40}).{100,}+',
  ),
  without(LIMITS, 'gatehouse/endpoint.conf', 'include gatehouse/limited.conf;'),
  without(LIMITS, 'gatehouse/discovery.conf', 'include gatehouse/limited.conf;'),
  without(LIMITS, SERVER, 'include gatehouse/limited.conf;'),
  without(LIMITS, LIMITED, 'limit_req_status 429;'),
  mutation(LIMITS, 'another status for too many streams', LIMITED, 'limit_conn_status 429;', 'limit_conn_status 503;'),
  mutation(
    'limits are not only tried out',
    'a trial that goes on',
    LIMITED,
    'limit_req_status 429;',
    'limit_req_status 429; limit_req_dry_run on;',
  ),
  mutation(
    'how much somebody may ask is not for the client to say',
    'a class by a header',
    MAIN,
    GATE,
    `set $gatehouse_limit $http_x_class; ${GATE}`,
  ),
  mutation('no satisfy any', 'satisfy any', LOCATION, 'satisfy all;', 'satisfy any; allow 10.0.0.0/8; deny all;'),
  mutation('no satisfy any', 'satisfy any for the whole server', MAIN, 'absolute_redirect off;', 'satisfy any;'),
  mutation(
    'no auth_request off',
    'auth_request off in a protected location',
    MAIN,
    GATE,
    `${GATE} location /currenttime/open { auth_request off; }`,
  ),
  added('no auth_request off', 'auth_request off elsewhere', 'location /x/ { auth_request off; return 404; }'),
  mutation(EARLY, 'return 200', LOCATION, 'satisfy all;', 'return 200 ok;'),
  mutation(EARLY, 'return 204 on a condition', LOCATION, 'satisfy all;', 'if ($request_method = OPTIONS) { return 204; }'),
  mutation(EARLY, 'a redirect', LOCATION, 'satisfy all;', 'return https://example.com$request_uri;'),
  mutation(EARLY, 'a rewrite', LOCATION, 'satisfy all;', 'rewrite ^/currenttime/(.*)$ /mcpgw/$1 last;'),
  mutation(EARLY, 'try_files', LOCATION, 'satisfy all;', 'try_files $uri @gatehouse_proxy;'),
  added(EARLY, 'return beside auth_request', 'location /x/ { auth_request /_gatehouse/validate; return 200 secret; }'),
  mutation(
    PAGES,
    '401 to a proxying location',
    'gatehouse/errors.conf',
    'error_page 401 = @gatehouse_401;',
    'error_page 401 = @gatehouse_proxy;',
  ),
  mutation(PAGES, '403 becomes 200', 'gatehouse/errors.conf', 'error_page 403 = @gatehouse_403;', 'error_page 403 =200 @gatehouse_403;'),
  mutation(PAGES, '401 to a path', 'gatehouse/errors.conf', 'error_page 401 = @gatehouse_401;', 'error_page 401 /login;'),
  mutation(
    PAGES,
    '401 to a redirect',
    'gatehouse/errors.conf',
    'error_page 401 = @gatehouse_401;',
    'error_page 401 =302 https://example.com/;',
  ),
  mutation(PAGES, 'to a location that is not there', 'gatehouse/errors.conf', '@gatehouse_403;', '@absent;'),
  mutation(CONDITION, 'an if with a proxy_pass', MAIN, GATE, `${GATE} if ($request_method = GET) { proxy_pass http://currenttime; }`),
  mutation(
    CONDITION,
    'a limit_except with a proxy_pass',
    LOCATION,
    'satisfy all;',
    'limit_except POST { allow all; uwsgi_pass 127.0.0.1:9001; }',
  ),
  added(LONGER, 'a longer path that serves files', 'location /currenttime/files/ { root /srv; }'),
  added(LONGER, 'an exact path', 'location = /mcpgw/mcp { proxy_pass http://mcpgw; }'),
  added(LONGER, 'a longer path without a space after its modifier', 'location ^~/mcpgw/x { root /srv; }'),
  added('no regular expression goes before a protected location', 'a regular expression for files', 'location ~ \\.json$ { root /srv; }'),
  added(
    'no regular expression goes before a protected location',
    'a regular expression that proxies',
    'location ~* ^/(.*)/mcp$ { proxy_pass http://$1; }',
  ),
  mutation('no location inside a protected one', 'a nested location', MAIN, GATE, `${GATE} location /currenttime/health { return 404; }`),
  mutation('no set at server level', 'a default at server level', MAIN, 'absolute_redirect off;', 'set $gatehouse_pass "";'),
  mutation('no set at server level', 'a default in the include', SERVER, 'merge_slashes on;', 'merge_slashes on; set $gatehouse_call "";'),
  mutation('no set at server level', 'an if at server level', MAIN, 'absolute_redirect off;', 'if ($host = x) { return 301 /; }'),
  mutation('no stale or shared answers', 'stale answers', REMEMBER, 'proxy_cache_use_stale off;', 'proxy_cache_use_stale error timeout;'),
  mutation('no stale or shared answers', 'a cache with the default key', REMEMBER, 'proxy_cache_key $gatehouse_decision_key;', ''),
  mutation('no stale or shared answers', 'a cache for MCP servers', BACKEND, 'proxy_cache off;', 'proxy_cache gatehouse;'),
  ...[
    'proxy_cache_bypass $gatehouse_call;',
    'proxy_no_cache $gatehouse_call $gatehouse_not_yes $gatehouse_no_room;',
    'proxy_cache_valid any 0;',
    'proxy_ignore_headers Cache-Control Expires Set-Cookie Vary;',
    'proxy_cache_use_stale off;',
    'proxy_cache_background_update off;',
    'proxy_cache_lock off;',
  ].map((line) => without(REMEMBERED, REMEMBER, line)),
  mutation(
    REMEMBERED,
    'one key for all callers',
    REMEMBER,
    'proxy_cache_key $gatehouse_decision_key;',
    'proxy_cache_key $gatehouse_server;',
  ),
  without(ROOM, CACHE, LOOKED),
  mutation(ROOM, 'another folder', CACHE, 'proxy_cache_path /run/gatehouse-decisions ', 'proxy_cache_path /var/cache/decisions '),
  mutation(
    ROOM,
    'a folder that a client names',
    CACHE,
    LOOKED,
    'map $http_x $gatehouse_decisions { default /run/gatehouse-decisions; x x; }',
  ),
  mutation(REMEMBERED, 'everything for a minute', REMEMBER, 'proxy_cache_valid any 0;', 'proxy_cache_valid any 1m;'),
  mutation(REMEMBERED, 'the validator has no say', REMEMBER, 'Expires Set-Cookie Vary;', 'Expires Set-Cookie Vary X-Accel-Expires;'),
  ...['if ($gatehouse_server = "")     { return 503; }', 'if ($gatehouse_credential !~ "^(?s).{32}\\z") { return 503; }'].map((line) =>
    without(KEY, LOCATION, line),
  ),
  without(KEY, LOCATION, 'set $gatehouse_made  $gatehouse_digested;'),
  without(KEY, LOCATION, ASKER),
  mutation(KEY, 'the token alone', LOCATION, '\\n$http_cookie\\n$http_origin"', '"'),
  mutation(KEY, 'nothing between what is asked with', LOCATION, '$http_authorization\\n$http_cookie', '$http_authorization$http_cookie'),
  mutation(KEY, 'another function', HTTP, 'gatehouse.digest;', 'gatehouse.other;'),
  mutation(KEY, 'a credential from a map', HTTP, 'js_var $gatehouse_credential;', 'map $http_x_id $gatehouse_credential { default x; }'),
  mutation(KEY, 'a credential that the location names', LOCATION, ASKER, `${ASKER} set $gatehouse_credential x;`),
  mutation(JUDGED, 'every 2xx is a yes', HTTP, '"~^204\\n(?<asked_server>', '"~^20.\\n(?<asked_server>'),
  mutation(JUDGED, 'a yes for any server', HTTP, '\\n(?P=asked_server)\\n."', '\\n[^\\n]*\\n."'),
  mutation(JUDGED, 'a yes for nobody', HTTP, '\\n(?P=asked_server)\\n."', '\\n(?P=asked_server)\\n"'),
  mutation(JUDGED, 'a yes that the location says', LOCATION, ASKER, `${ASKER} set $gatehouse_yes POST;`),
  mutation(JUDGED, 'a message that nobody has said yes to', GLANCE, 'map "$gatehouse_yes ', 'map "POST '),
  mutation(JUDGED, 'a message of any type', GLANCE, ' application/json [0-9]', ' [^ ]* [0-9]'),
  mutation(JUDGED, 'a message that comes late', GLANCE, ' [01]\\.[0-9]{3}$"', ' .*"'),
  mutation(JUDGED, 'another message than the body', GLANCE, '$request_body;', '$http_x_message;'),
  mutation(JUDGED, 'a message with more members', GLANCE, '    "params":', '    .*"params":'),
  mutation(JUDGED, 'another method than the one that was read', GLANCE, "\\z' $gatehouse_method;", "\\z' tools/list;"),
  mutation(JUDGED, 'a method that the location says', LOCATION, ASKER, `${ASKER} set $gatehouse_glance tools/call;`),
  mutation(JUDGED, 'a path that the location says', LOCATION, ASKER, `${ASKER} set $gatehouse_path /;`),
  mutation(JUDGED, 'a path that is only decoded a literal one', HTTP, 'map "$request_uri $uri"', 'map "$uri $request_uri"'),
  mutation(JUDGED, 'a path that is only at its beginning a literal one', HTTP, '(?P=p)\\z"', '(?P=p)"'),
  mutation(JUDGED, 'a path with line breaks is forwarded', HTTP, '(?<path_rest>/[A-Za-z0-9._~/-]*)\\z"', '(?<path_rest>/(?s).*)"'),
  mutation(JUDGED, 'another path is forwarded', HTTP, '$path_rest;', '/admin$path_rest;'),
  mutation(KEY, 'one key for all servers', HTTP, 'default "$request_method $gatehouse_server ', 'default "$request_method '),
  mutation(KEY, 'a key for ever', HTTP, ' $gatehouse_minute $gatehouse_credential"', ' $gatehouse_credential"'),
  mutation(KEY, 'a minute that a client names', HTTP, 'map $time_iso8601 $gatehouse_minute', 'map $http_date $gatehouse_minute'),
  mutation(ANSWERS, 'calls', SERVER, 'js_header_filter gatehouse.answered;', ''),
  mutation(ANSWERS, 'the old transport', SERVER, 'js_header_filter endpoint.answered;', 'js_header_filter gatehouse.answered;'),
  mutation(ANSWERS, 'where clients post to', SERVER, 'js_body_filter endpoint.filter buffer_type=buffer;', ''),
  mutation(ANSWERS, 'lists', SERVER, 'js_header_filter listing.answered;', ''),
  mutation(CONSTANT, 'the name from the path', MAIN, 'set $gatehouse_server   currenttime;', 'set $gatehouse_server $uri;'),
  mutation(CONSTANT, 'the name from a capture', MAIN, 'set $gatehouse_server   currenttime;', 'set $gatehouse_server $1;'),
  mutation(
    CONSTANT,
    'the name from a map',
    'gatehouse/http.conf',
    'js_var $gatehouse_server;',
    'map $request_uri $gatehouse_server { default x; }',
  ),
  mutation(CONSTANT, 'the raw path for a name', QUESTION, 'X-Mcp-Server $gatehouse_server;', 'X-Mcp-Server $request_uri;'),
  mutation(CONSTANT, "the client's header for a name", QUESTION, 'X-Mcp-Server $gatehouse_server;', 'X-Mcp-Server $http_x_mcp_server;'),
  mutation(
    'the location of a server has its name',
    'the name of another server',
    MAIN,
    'set $gatehouse_server   mcpgw;',
    'set $gatehouse_server   currenttime;',
  ),
  without('the location of a server has its name', MAIN, 'set $gatehouse_server   mcpgw;'),
  mutation('the location of a server has its name', 'a location for all', MAIN, 'location /mcpgw/ {', 'location / {'),
  mutation(
    'where it is sent does not come from the client',
    'the path as it came',
    SERVER,
    '$gatehouse_upstream$gatehouse_path',
    '$gatehouse_upstream$request_uri',
  ),
  mutation('where it is sent does not come from the client', 'the upstream by Host', MAIN, 'http://currenttime;', 'http://$host;'),
  mutation(IDENTITY, 'X-User keeps what the client sent', BACKEND, '$gatehouse_user;', '$http_x_user;'),
  without(IDENTITY, BACKEND, 'proxy_set_header X-Tool-Name        $gatehouse_tool;'),
  without(IDENTITY, BACKEND, 'proxy_set_header X-Groups           $gatehouse_groups;'),
  mutation(IDENTITY, 'Authorization is passed on', BACKEND, 'proxy_set_header Authorization      "";', ''),
  mutation(IDENTITY, 'cookies are passed on', BACKEND, 'proxy_set_header Cookie             "";', ''),
  mutation(IDENTITY, 'Upgrade is passed on', BACKEND, 'proxy_set_header Upgrade            "";', 'proxy_set_header Upgrade $http_upgrade;'),
  mutation(
    IDENTITY,
    'a location with a header of its own and no include',
    SERVER,
    `${PASS}\n    include gatehouse/backend.conf;`,
    `${PASS} proxy_set_header Host x;`,
  ),
  mutation(
    'credentials go to the validator alone',
    'the token in another header',
    BACKEND,
    'proxy_set_header X-Region           "";',
    'proxy_set_header X-Token $http_authorization;',
  ),
  mutation(
    'credentials go to the validator alone',
    'the cookie for the service',
    'gatehouse/service.conf',
    'proxy_set_header Connection "";',
    'proxy_set_header Connection ""; proxy_set_header Cookie $http_cookie;',
  ),
  mutation(STEERED, 'X-Accel-Redirect counts', BACKEND, 'proxy_ignore_headers X-Accel-Redirect', 'proxy_ignore_headers'),
  mutation(
    STEERED,
    'a header is let through again',
    BACKEND,
    'proxy_hide_header Set-Cookie;',
    'proxy_hide_header Set-Cookie; proxy_pass_header X-Accel-Redirect;',
  ),
  without('an MCP server sets no cookie and speaks for nobody', BACKEND, 'proxy_hide_header Location;'),
  without('an MCP server sets no cookie and speaks for nobody', BACKEND, 'proxy_hide_header Set-Cookie;'),
  without('an MCP server sets no cookie and speaks for nobody', BACKEND, 'proxy_hide_header WWW-Authenticate;'),
  without('an MCP server sets no cookie and speaks for nobody', BACKEND, 'proxy_hide_header Access-Control-Allow-Credentials;'),
  mutation(
    'answers of an MCP server are its own',
    'errors are taken over',
    'gatehouse/errors.conf',
    'proxy_intercept_errors off;',
    'proxy_intercept_errors on;',
  ),
  mutation(
    'a validator that was away is asked again at once',
    'the default of max_fails',
    'gatehouse/validator.conf',
    ' max_fails=0;',
    ';',
  ),
  mutation(
    'a validator that was away is asked again at once',
    'a second validator without it',
    'gatehouse/validator.conf',
    'keepalive 64;',
    'server 127.0.0.1:8889; keepalive 64;',
  ),
  ...[
    '$http_authorization',
    '$http_cookie',
    '$cookie_mcp_gateway_session',
    '$request',
    '$request_uri',
    '$args',
    '$arg_access_token',
    '$request_body',
    '$gatehouse_caller',
    '$gatehouse_strict_caller',
    '$token_end',
  ].map((name) => mutation(LOGS, `${name} in the log`, 'gatehouse/http.conf', '"remote_addr":"$remote_addr",', `"x":"${name}",`)),
  mutation(
    LOGS,
    'the token in the key of a cache',
    REMEMBER,
    'proxy_cache_key $gatehouse_decision_key;',
    'proxy_cache_key $http_authorization;',
  ),
  mutation(LOGS, 'the log of nginx itself at debug', MAIN, 'error_log logs/error.log warn;', 'error_log logs/error.log debug;'),
  mutation(
    LOGS,
    'the token in an answer',
    'gatehouse/refusals.conf',
    'set $gatehouse_reason request_not_literal;',
    'add_header X-Seen $http_authorization always;',
  ),
  mutation('every log is the audit format or none', 'the format of nginx itself', MAIN, 'access.json gatehouse;', 'access.log combined;'),
  mutation('odd header names reach nobody', 'underscores', SERVER, 'underscores_in_headers off;', 'underscores_in_headers on;'),
  mutation('odd header names reach nobody', 'invalid names', SERVER, 'ignore_invalid_headers on;', 'ignore_invalid_headers off;'),
  mutation('odd header names reach nobody', 'double slashes', SERVER, 'merge_slashes on;', 'merge_slashes off;'),
  mutation('only literal paths', 'paths are not looked at', LOCATION, 'if ($gatehouse_path_problem)    { return 400; }', ''),
  mutation('only literal paths', 'Host is not looked at', LOCATION, 'if ($gatehouse_host_problem)    { return 400; }', ''),
  mutation(
    'a body that may come stays in memory',
    'a small buffer',
    'gatehouse/body.conf',
    'client_body_buffer_size',
    'client_body_buffer_size 16k; #',
  ),
  mutation('a body that may come stays in memory', 'no limit', 'gatehouse/body.conf', 'client_max_body_size', 'client_max_body_size 0; #'),
  mutation("what is nobody's is not found", 'the rest goes to a server', MAIN, 'return 404', 'root /srv; #'),
]

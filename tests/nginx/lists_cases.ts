/** Answers with lists and what of them is shown. One table for both engines that filter them. */

export interface ListCase {
  name: string
  text: string
  /** What is shown; null when the text must not be. */
  expected: string | null
  method: string
  set: string
  scoped: boolean
}

const SET =
  'tools/list tools/call=now tools/call=a%20b%C3%A9 prompts/get=greet resources/read=file%3A%2F%2F%2Fa resources/read=x%3A%7Bid%7D'
const one = (name: string, text: string, expected: string | null, more: Partial<ListCase> = {}): ListCase => {
  return { name, text, expected, method: 'tools/list', set: SET, scoped: false, ...more }
}
const same = (name: string, text: string, more: Partial<ListCase> = {}): ListCase => one(name, text, text, more)
const result = (inside: string): string => `{"jsonrpc":"2.0","id":1,"result":{${inside}}}`
const tools = (inside: string): string => result(`"tools":[${inside}]`)
/** Of a list of these items, those that are shown. */
const items = (name: string, inside: string, shown: string, more: Partial<ListCase> = {}): ListCase =>
  one(name, tools(inside), tools(shown), more)

const NOW = '{"name":"now"}'
const DROP = '{"name":"drop"}'
const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
const long = (length: number): string => 'd'.repeat(length)

const CUTS: ListCase[] = [
  items('nothing', '', ''),
  items('blanks', ' \n ', ' \n '),
  items('the one', NOW, NOW),
  items('none', DROP, ''),
  items('the first', `${NOW}, ${DROP}`, NOW),
  items('the last', `${DROP} , ${NOW}`, NOW),
  items('the middle', `${DROP},${NOW},${DROP}`, NOW),
  items('the outer ones', ` ${NOW}, ${DROP} ,\n${NOW} `, ` ${NOW} ,\n${NOW} `),
  items('none of many', ` ${DROP} , ${DROP} , ${DROP} `, '  '),
  items('many after one', `${NOW},${DROP},${DROP},${NOW},${DROP}`, `${NOW},${NOW}`),
]

const NAMES: ListCase[] = [
  ...[
    '{"name":"n\\u006fw"}',
    '{"name":"a b\\u00e9"}',
    '{"name":"a bé"}',
    '{"n\\u0061me":"now"}',
    '{ "name" : "now" }',
    '{"x":{"name":"drop"},"name":"now"}',
  ].map((item) => items(`shown: ${item}`, `${DROP},${item}`, item)),
  ...[
    '{"name":"Now"}',
    '{"name":"now "}',
    '{"name":"now\\u0000"}',
    '{"name":"no"}',
    '{"name":"now\\n"}',
    '{"name":"*"}',
    '{"name":""}',
    '{"name":null}',
    '{"name":["now"]}',
    '{"name":{"name":"now"}}',
    '{"name":7}',
    '{}',
    '{"title":"now"}',
    '{"Name":"now"}',
    '{"name":"now","Name":"now"}',
    '{"NAME":"drop","name":"now"}',
    '{"name":"now","name":"drop"}',
    '{"name":"drop","name":"now"}',
    '{"name":"now","n\\u0061me":"drop"}',
    '{"n\\u0061me":"drop","name":"now"}',
    '{"x":1,"name":"drop","name":"now"}',
    '{"x":"name","name":"drop","y":{"name":"now"}}',
    '{"x":{"name":"now"},"name":"drop","name":"now"}',
    `{"x":"${long(5000)}","name":"drop"},["${long(5000)}","now"]`,
    '{"x\\"name":"now","name":"drop"}',
    '{"x":"\\"name\\":\\"now\\"","name":"drop"}',
    '{"x":{"name":"now"}}',
    '{"uri":"now"}',
    '{"__proto__":{"name":"now"}}',
    '{"constructor":"now"}',
    '[{"name":"now"}]',
    '["name","now"]',
    '[]',
    '"now"',
    'null',
    '1',
    `{"name":"now","x":${deep(14)},"name":"drop"}`,
    `{"name":"now","x":"${long(5000)}","name":"drop"}`,
    `{"name":"drop","x":"${long(5000)}","name":"now"}`,
    '{"name":"\\ud800"}',
    `{"name":"${long(257)}"}`,
  ].map((item) => items(`hidden: ${item.slice(0, 60)}`, `${item},${NOW}`, NOW)),
  items('not by a wildcard either', `{"name":"\\ud800"},{"name":"${long(257)}"},${DROP}`, DROP, { set: 'tools/call=*' }),
  items('not by a wildcard for methods', `${NOW},${DROP}`, '', { set: '*' }),
  items('not by another kind', `${NOW},${DROP}`, '', { set: 'prompts/get=* resources/read=now tools/call tools/list=now' }),
  items('not by no set', `${NOW},${DROP}`, '', { set: '' }),
  items('by names that objects have', '{"name":"__proto__"},{"name":"toString"}', ''),
]

const UNHARMED: ListCase[] = [
  ...[
    '1e400',
    '123456789012345678901234567890.10',
    '-0',
    '"\\u00e9\\/\\ud83d\\ude00"',
    '"\u2028\ufeff"',
    '{"b":1,"a":2,"a":3}',
    deep(10),
    deep(40),
    deep(120),
    `"${long(9000)}"`,
    `[${Array(3000).fill('1').join(', ')}]`,
    '{"properties":{"name":{"type":"string"},"tools":[{"name":"drop"}]}}',
  ].map((value) => {
    const item = `{"inputSchema": ${value} ,"name":"now"}`
    return one(
      `unharmed: ${value.slice(0, 60)}`,
      result(`"a":${value},"tools":[${DROP},${item}],"_meta":${value}`),
      result(`"a":${value},"tools":[${item}],"_meta":${value}`),
    )
  }),
  same('an error', '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"m","data":{"tools":[{"name":"drop"}]}}}'),
  same('a request of the server', '{"jsonrpc":"2.0","id":1,"method":"sampling/createMessage","params":{"tools":[{"name":"drop"}]}}'),
  same('a result without a list', result('"resultType":"input_required","cacheScope":"public"'), { scoped: true }),
  same('an empty result', result(''), { scoped: true }),
  same('no items as null', result('"tools":null')),
]

const KINDS: ListCase[] = [
  one('prompts', result('"prompts":[{"name":"now"},{"name":"greet"}]'), result('"prompts":[{"name":"greet"}]'), { method: 'prompts/list' }),
  one(
    'resources',
    result('"resources":[{"uri":"file:///a","name":"now"},{"uri":"now"}]'),
    result('"resources":[{"uri":"file:///a","name":"now"}]'),
    {
      method: 'resources/list',
    },
  ),
  one(
    'templates',
    result('"resourceTemplates":[{"uriTemplate":"x:{id}"},{"uriTemplate":"x:{+id}"},{"uri":"file:///a"}]'),
    result('"resourceTemplates":[{"uriTemplate":"x:{id}"}]'),
    { method: 'resources/templates/list' },
  ),
  one(
    'templates that are not opened by a prefix',
    result('"resourceTemplates":[{"uriTemplate":"file:///a{b}"}]'),
    result('"resourceTemplates":[]'),
    {
      method: 'resources/templates/list',
    },
  ),
  one(
    'every kind in one answer',
    result(`"tools":[${DROP}],"prompts":[${DROP}],"resources":[{"uri":"u"}],"x":[${DROP}]`),
    result(`"tools":[],"prompts":[],"resources":[],"x":[${DROP}]`),
  ),
  same('the members of another list when they are none', result('"tools":[],"resources":{"x":1},"prompts":"y"')),
]

const SCOPES: ListCase[] = [
  one('public', result('"cacheScope":"public","tools":[]'), result('"cacheScope":"private","tools":[]')),
  one(
    'public, behind',
    result(`"tools":[${DROP}],"cacheScope" : "public" ,"ttlMs":1`),
    result('"tools":[],"cacheScope" : "private" ,"ttlMs":1'),
  ),
  one('another word', result('"tools":[],"cacheScope":7'), result('"tools":[],"cacheScope":"private"')),
  one('with no items', result('"tools":null,"cacheScope":"public"'), result('"tools":null,"cacheScope":"private"')),
  one('none in a version that has it', result(' "tools":[]'), result('"cacheScope":"private", "tools":[]'), { scoped: true }),
  one('one in a version that has it', result('"tools":[],"cacheScope":"public"'), result('"tools":[],"cacheScope":"private"'), {
    scoped: true,
  }),
  one('twice', result('"tools":[],"cacheScope":"public","cacheScope":"public"'), null),
  one('in other letters', result('"tools":[],"cachescope":"public"'), null),
  one('in escapes', result('"tools":[],"cache\\u0053cope":"public"'), result('"tools":[],"cache\\u0053cope":"private"')),
  one('an object', result('"tools":[],"cacheScope":{}'), null),
]

const UNREADABLE: ListCase[] = [
  ['empty', ''],
  ['a word', 'now'],
  ['a string', '"now"'],
  ['null', 'null'],
  ['a batch', `[${tools(NOW)}]`],
  ['two answers', tools(NOW) + tools(NOW)],
  ['a byte order mark', `\ufeff${tools(NOW)}`],
  ['two results', `{"result":{"tools":[]},"result":{"tools":[${NOW}]}}`],
  ['a second result in escapes', `{"result":{"tools":[]},"r\\u0065sult":{"tools":[${DROP}]}}`],
  ['a result in other letters', `{"Result":{"tools":[${DROP}]}}`],
  ['two lists', result(`"tools":[],"tools":[${NOW}]`)],
  ['a list in other letters', result(`"Tools":[${NOW}]`)],
  ['two lists, one in escapes', result(`"tools":[],"t\\u006fols":[${NOW}]`)],
  ['an object for a list', result('"tools":{"now":{}}')],
  ['a string for a list', result('"tools":"now"')],
  ['a result that is a list', `{"result":[${NOW}]}`],
  ['a result that is a string', '{"result":"now"}'],
  ['no result at all', '{"result":null}'],
  ['129 levels', tools(`{"name":"now","x":${deep(126)}}`)],
  ...[
    '{"name":"now",}',
    '{"name":"now"',
    '{"name" "now"}',
    '{"name":now}',
    "{'name':'now'}",
    '{"name":"now"}}',
    '{"name":"now"]',
    '{"a":1 "name":"now"}',
    '{"name":"now","x":[1,]}',
    '{"name":"now","x":[1 2]}',
    '{"name":"now","x":{"a"}}',
    '{"name":"now","x":01}',
    '{"name":"now","x":1.}',
    '{"name":"now","x":"\t"}',
    '{"name":"now","x":"\\x"}',
    '{"name":"now","x":NaN}',
    '{"name":"now","x":[,1]}',
    '{"name":"now","x":{,}}',
    '{"name":"now","x":{1:2}}',
    '{"name":"now","x":tru}',
    '{"name":"now"},',
    ',',
    '{"name":"now"}{"name":"now"}',
    '{"name":"now"} 1',
    '[',
    '{"name":"now","x":[}]',
  ].map((item): [string, string] => [`items that are no JSON: ${item}`, tools(item)]),
].map(([name, text]) => one(`unreadable: ${name}`, text as string, null))

const SHAPES: ListCase[] = [
  one('a list in an answer of any kind', tools(`${DROP},${NOW}`), tools(NOW), { method: '' }),
  same('the answer to a call that has tools', result(`"tools":[${DROP}],"content":[]`), { method: '' }),
  same('the same with content first', result(`"contents":[],"tools":[${DROP}],"cacheScope":"public"`), { method: '', scoped: true }),
  same('tools that are no list', result('"tools":{"x":1}'), { method: '' }),
  same('a result that is no object', '{"result":[1]}', { method: '' }),
  one('content is no way around the filter of a list', result(`"tools":[${DROP}],"content":[]`), result('"tools":[],"content":[]')),
]

export const LIST_CASES: readonly ListCase[] = [...CUTS, ...NAMES, ...UNHARMED, ...KINDS, ...SCOPES, ...UNREADABLE, ...SHAPES]

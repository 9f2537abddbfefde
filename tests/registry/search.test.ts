import { createSearch, type Search } from '../../src/registry/search.ts'
import { rootOf, wordsOf } from '../../src/registry/words.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { within } from '../support/within.ts'
import { MANY_TOOLS } from './many_tools.ts'

const search = suite('finding tools by plain words')
let tools: Search
search.before(async () => {
  tools = await createSearch(MANY_TOOLS)
})

/** The tool that is meant, and among how many of the best it must be. */
const QUESTIONS: [question: string, tool: string, within: number][] = [
  ['What time is it in Tokyo?', 'current_time_by_timezone', 1],
  ['time', 'current_time_by_timezone', 1],
  ["what's the time in New York right now", 'current_time_by_timezone', 1],
  ['tell me the current date', 'current_time_by_timezone', 1],
  ['what clock time do they have in Sydney', 'current_time_by_timezone', 1],
  ['What MCP servers are available?', 'list_servers', 1],
  ['What MCP tools are available?', 'get_service_tools', 3],
  ['Which tools can I use?', 'get_service_tools', 1],
  ['Who am I?', 'who_am_i', 1],
  ['what is the weather in Paris', 'get_current_weather', 2],
  ['is it raining in Oslo, current temperature please', 'get_current_weather', 1],
  ['will it rain tomorrow? weather forecast', 'get_forecast', 1],
  ['are there any storm warnings', 'get_weather_alerts', 1],
  ['how bad is the air pollution', 'get_air_quality', 1],
  ['open a bug report in the repository', 'create_issue', 1],
  ['create an issue', 'create_issue', 1],
  ['show open issues', 'list_issues', 1],
  ['merge the pull request', 'merge_pull_request', 1],
  ['open a PR / pull request', 'create_pull_request', 1],
  ['find where this function is used in our source code', 'search_code', 1],
  ['latest commits on main', 'list_commits', 1],
  ['read the file README in the repo', 'get_file_contents', 1],
  ['send an email to Bob', 'send_email', 1],
  ['send a mail to my boss', 'send_email', 1],
  ['find the message from Anna in my inbox', 'search_messages', 1],
  ['throw the message into the trash', 'delete_message', 1],
  ['save a draft of a mail', 'create_draft', 1],
  ['schedule a meeting with Bob on Monday', 'create_event', 2],
  ['when is everybody free for a meeting?', 'find_free_slots', 1],
  ['what is on my calendar next week', 'list_events', 2],
  ['cancel the event', 'delete_event', 1],
  ['stock price of Amazon', 'get_stock_aggregates', 1],
  ['convert dollars to euros exchange rate', 'get_exchange_rate', 1],
  ['Convert 100 USD to EUR', 'get_exchange_rate', 2],
  ['how much revenue did the company make', 'get_company_financials', 1],
  ['run a sql query', 'runQuery', 1],
  ['which tables are in the database', 'listTables', 2],
  ['columns of the customers table', 'describeTable', 1],
  ['why is this query slow? execution plan', 'explainQuery', 1],
  ['upload a file', 'upload_file', 1],
  ['remove an old document from the drive', 'delete_file', 1],
  ['turn this word document into a pdf', 'convert_document', 1],
  ['rename a file', 'move_file', 1],
  ['share the file with a colleague', 'share_file', 1],
  ['post a message to the slack channel', 'post_message', 1],
  ['who replied in this slack thread', 'get_thread', 1],
  ['react with an emoji', 'add_reaction', 1],
  ['list my virtual machines', 'list_instances', 1],
  ['reboot / restart the server machine', 'restart_instance', 1],
  ['error lines in the log of the service', 'get_logs', 1],
  ['how much memory does the machine use', 'get_metrics', 1],
  ['what did aws cost us last month', 'get_monthly_costs', 1],
  ['translate this into French', 'translate_text', 1],
  ['translation', 'translate_text', 1],
  ['make a summary of the text', 'summarize', 1],
  ['which language is this text', 'detect_language', 2],
  ['fix grammar mistakes', 'check_spelling', 1],
  ['draw a photo of a sunset', 'generate_image', 1],
  ['transcribe a recording', 'transcribe_audio', 1],
  ['tranlsate text', 'translate_text', 1],
  ['wether forcast', 'get_forecast', 1],
  ['currentTimeByTimezone', 'current_time_by_timezone', 1],
  ['STOCK_AGGREGATES', 'get_stock_aggregates', 1],
  ['stock_ticker', 'get_stock_aggregates', 2],
]
for (const [question, tool, within] of QUESTIONS) {
  search(`${JSON.stringify(question)} is answered with ${tool}${within === 1 ? '' : ` among the best ${within}`}`, () => {
    const found = tools.find(question, within).map(({ tool }) => tool.name)
    assert.ok(found.includes(tool), `found ${found.join(', ') || 'nothing'}`)
  })
}

search('there are sixty tools, and nine of ten questions are answered by the best match', () => {
  const first = QUESTIONS.filter(([question, tool]) => tools.find(question, 1)[0]?.tool.name === tool)
  assert.is(MANY_TOOLS.length, 60)
  assert.ok(first.length / QUESTIONS.length >= 0.87, `${first.length} of ${QUESTIONS.length}`)
})

search('what fits nothing, and what says nothing, finds nothing', () => {
  for (const question of ['xylophone zebra', 'what can you do for me?', '?!', '  ', '\u0000']) {
    assert.equal(tools.find(question, 5), [], question)
  }
})

search('scores fall, and there are as many as were asked for', () => {
  const scores = tools.find('list the messages of a channel', 50).map(({ score }) => score)
  assert.equal(
    scores,
    [...scores].sort((a, b) => b - a),
  )
  assert.is(tools.find('list the messages of a channel', 3).length, 3)
})

search('equals stand in the order in which they were given', async () => {
  const [first] = MANY_TOOLS
  if (first === undefined) throw new Error('there are no tools')
  const same = await createSearch(['z', 'b', 'y', 'a'].map((server) => ({ ...first, server })))
  assert.equal(
    same.find('time', 4).map(({ server }) => server),
    ['z', 'b', 'y', 'a'],
  )
})

search('a word may be only begun, when three letters of it are there', () => {
  assert.is(tools.find('precip', 1)[0]?.tool.name, 'get_current_weather')
  assert.equal(tools.find('pr', 1), [])
})

search('of a very long question the first words count, and it takes no time', async () => {
  const nonsense = (count: number): string =>
    Array.from({ length: count }, (_, index) => `${'qxzj'.repeat(3)}${'v'.repeat(index % 25)}k`).join(' what ')
  assert.is(tools.find(`${nonsense(20)} translate`, 1)[0]?.tool.name, 'translate_text')
  const long = Array.from(
    { length: 20_000 },
    (_, index) => `${'qxzj'.repeat(3)}${index.toString(2).replaceAll('0', 'v').replaceAll('1', 'w')}`,
  )
  await within(500, () => assert.equal(tools.find(`${long.join(' ')} translate`, 5), []))
})

for (const [text, words] of [
  ['current_time_by_timezone', 'current time by timezone'],
  ['getHTTPResponse', 'get http response'],
  ['list-issues.v2/all', 'list issues v 2 all'],
  ['Zürich & São Paulo', 'zurich sao paulo'],
  ['東京の時間', '東京の時間'],
  ['', ''],
] as const) {
  search(`${JSON.stringify(text)} is cut into ${JSON.stringify(words)}`, () => {
    assert.is(wordsOf(text).join(' '), words)
  })
}

for (const words of [
  ['message', 'messages'],
  ['translate', 'translation', 'translating', 'translates'],
  ['meet', 'meeting', 'meetings'],
  ['query', 'queries'],
  ['search', 'searches', 'find', 'lookup'],
  ['box', 'boxes'],
]) {
  search(`${words.join(', ')} are the same`, () => {
    assert.is(new Set(words.map(rootOf)).size, 1)
  })
}

search('short words and those that only look like a plural keep their end, and words of a question are none', () => {
  assert.equal(['time', 'status', 'address', 'string', 'analysis', 'id'].map(rootOf), [
    'time',
    'status',
    'address',
    'string',
    'analysis',
    'id',
  ])
  assert.equal(['what', 'is', 'x'.repeat(41)].map(rootOf), [null, null, null])
})

search.run()

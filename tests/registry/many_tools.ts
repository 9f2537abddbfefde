/** A catalogue as a company may have one: twelve servers, sixty tools, described by their authors and not for this test. */
import type { Findable } from '../../src/registry/search.ts'
import { readTool } from '../../src/registry/tool.ts'

type Described = [name: string, description: string, parameters?: Record<string, string>]

const SERVERS: Record<string, { tags: string[]; tools: Described[] }> = {
  currenttime: {
    tags: ['time', 'date', 'clock', 'timezone'],
    tools: [
      [
        'current_time_by_timezone',
        'Gives the current date and time in an IANA time zone.',
        { tz_name: 'IANA time zone, for example Asia/Tokyo' },
      ],
    ],
  },
  mcpgw: {
    tags: ['registry', 'discovery'],
    tools: [
      ['list_servers', 'Lists the MCP servers that are available to you.'],
      [
        'get_server_details',
        'Tells about one MCP server: where it is, the names of its tools, whether it answers.',
        { server: 'Name of an MCP server' },
      ],
      [
        'get_service_tools',
        'Gives the tools that you can use, of one MCP server or of all, with the schemas of their arguments.',
        { server: 'Name of an MCP server' },
      ],
      [
        'intelligent_tool_finder',
        'Finds the tools that fit a task best, over all MCP servers.',
        { query: 'What is to be done, in plain words, for example: What time is it in Tokyo?' },
      ],
      ['who_am_i', 'Tells what the gateway said about the caller of this very request.'],
    ],
  },
  weather: {
    tags: ['forecast', 'climate'],
    tools: [
      [
        'get_current_weather',
        'Current temperature, wind and precipitation at a place.',
        { city: 'City, for example Tokyo', units: 'celsius or fahrenheit' },
      ],
      ['get_forecast', 'Weather forecast for up to ten days.', { city: 'City name', days: 'Number of days' }],
      ['get_weather_alerts', 'Active severe weather alerts for a region: storms, floods, heat.', { region: 'State or province' }],
      ['get_air_quality', 'Air quality index and pollutant levels at a place.', { latitude: 'Latitude', longitude: 'Longitude' }],
    ],
  },
  github: {
    tags: ['code', 'git', 'development'],
    tools: [
      ['create_issue', 'Opens a new issue in a repository.', { repo: 'owner/name', title: 'Title of the issue', body: 'Markdown' }],
      [
        'list_issues',
        'Lists the issues of a repository, with filters by state and label.',
        { repo: 'owner/name', state: 'open or closed' },
      ],
      [
        'create_pull_request',
        'Opens a pull request from one branch to another.',
        { repo: 'owner/name', head: 'Source branch', base: 'Target branch' },
      ],
      ['merge_pull_request', 'Merges a pull request.', { repo: 'owner/name', number: 'Number of the pull request' }],
      ['search_code', 'Searches source code across repositories.', { query: 'What to look for', language: 'Programming language' }],
      ['get_file_contents', 'Reads a file or a directory of a repository.', { repo: 'owner/name', path: 'Path of the file' }],
      ['list_commits', 'Lists the commits of a branch, newest first.', { repo: 'owner/name', branch: 'Branch' }],
    ],
  },
  mail: {
    tags: ['email', 'inbox'],
    tools: [
      [
        'send_email',
        'Sends an e-mail to one or several recipients.',
        { to: 'Addresses of the recipients', subject: 'Subject line', body: 'Text of the message' },
      ],
      ['search_messages', 'Searches the mailbox by sender, subject, date or text.', { query: 'Search expression' }],
      ['read_message', 'Gives the text of a message with its attachments.', { id: 'Message id' }],
      ['delete_message', 'Moves a message to the trash.', { id: 'Message id' }],
      ['create_draft', 'Saves a draft without sending it.', { to: 'Addresses', subject: 'Subject line' }],
    ],
  },
  calendar: {
    tags: ['schedule', 'meetings', 'appointments'],
    tools: [
      [
        'create_event',
        'Adds an event to a calendar and invites people.',
        { title: 'Title', start: 'Start, ISO 8601', end: 'End, ISO 8601', attendees: 'E-mail addresses' },
      ],
      ['list_events', 'Lists the events of a calendar between two dates.', { from: 'First day', to: 'Last day' }],
      [
        'find_free_slots',
        'Finds times at which all of the people are free for a meeting.',
        { attendees: 'E-mail addresses', duration: 'Minutes' },
      ],
      ['delete_event', 'Cancels an event and tells the people who were invited.', { id: 'Event id' }],
      ['update_event', 'Moves an event or changes its details.', { id: 'Event id', start: 'New start' }],
    ],
  },
  fininfo: {
    tags: ['finance', 'stocks', 'markets'],
    tools: [
      [
        'get_stock_aggregates',
        'Opening, closing, highest and lowest prices of a stock over a period.',
        { stock_ticker: 'Ticker symbol, for example AMZN', from_date: 'YYYY-MM-DD', to_date: 'YYYY-MM-DD' },
      ],
      ['print_stock_data', 'Formats stock data as a table.', { stock_ticker: 'Ticker symbol' }],
      ['get_exchange_rate', 'Exchange rate between two currencies.', { from: 'Currency such as USD', to: 'Currency such as EUR' }],
      [
        'get_company_financials',
        'Revenue, earnings and balance sheet of a listed company.',
        { ticker: 'Ticker symbol', year: 'Fiscal year' },
      ],
    ],
  },
  database: {
    tags: ['sql', 'postgres'],
    tools: [
      ['runQuery', 'Executes a read-only SQL statement and gives the rows.', { sql: 'A SELECT statement', maxRows: 'Most rows to give' }],
      ['listTables', 'Lists the tables of a schema.', { schemaName: 'Schema' }],
      ['describeTable', 'Columns, types, keys and indexes of a table.', { tableName: 'Table' }],
      ['explainQuery', 'Shows the execution plan of a statement.', { sql: 'A SELECT statement' }],
    ],
  },
  files: {
    tags: ['documents', 'storage', 'drive'],
    tools: [
      ['upload_file', 'Stores a file in a folder.', { path: 'Where to store it', content: 'Base64' }],
      ['download_file', 'Fetches a stored file.', { path: 'Path of the file' }],
      ['list_folder', 'Lists what a folder holds.', { path: 'Folder' }],
      ['move_file', 'Moves or renames a file.', { source: 'Old path', target: 'New path' }],
      ['delete_file', 'Deletes a file for good.', { path: 'Path of the file' }],
      ['share_file', 'Gives somebody access to a file by a link.', { path: 'Path of the file', person: 'E-mail address' }],
      ['convert_document', 'Converts a document between PDF, Word and Markdown.', { path: 'Path of the file', format: 'pdf, docx or md' }],
    ],
  },
  chat: {
    tags: ['slack', 'messaging', 'channels'],
    tools: [
      ['post_message', 'Writes a message to a channel.', { channel: 'Channel name', text: 'The message' }],
      ['list_channels', 'Lists the channels of the workspace.'],
      ['get_thread', 'Gives the replies of a thread.', { channel: 'Channel name', thread: 'Id of its first message' }],
      ['add_reaction', 'Puts an emoji under a message.', { channel: 'Channel name', emoji: 'Name of the emoji' }],
      ['get_user_profile', 'Name, title, picture and status of a member of the workspace.', { user: 'User id' }],
    ],
  },
  cloud: {
    tags: ['aws', 'infrastructure', 'operations'],
    tools: [
      ['list_instances', 'Lists virtual machines with their state.', { region: 'AWS region' }],
      ['restart_instance', 'Stops a virtual machine and starts it again.', { instance_id: 'Instance id' }],
      ['get_logs', 'Log lines of a service in a period of time.', { service: 'Service', since: 'Start of the period', filter: 'Pattern' }],
      ['get_metrics', 'CPU, memory and network figures of a machine.', { instance_id: 'Instance id', metric: 'Name of the metric' }],
      ['create_bucket', 'Makes an object storage bucket.', { name: 'Bucket', region: 'AWS region' }],
      ['get_monthly_costs', 'What the account has cost, by service and month.', { month: 'YYYY-MM' }],
    ],
  },
  language: {
    tags: ['text', 'nlp'],
    tools: [
      ['translate_text', 'Translates a text into another language.', { text: 'The text', target_language: 'Language such as French' }],
      ['summarize', 'Makes a short version of a long text.', { text: 'The text', sentences: 'How many sentences' }],
      ['detect_language', 'Tells in which language a text is written.', { text: 'The text' }],
      ['check_spelling', 'Finds spelling and grammar mistakes.', { text: 'The text' }],
      ['generate_image', 'Draws a picture from a description.', { prompt: 'What is to be seen', size: 'Width and height' }],
      ['transcribe_audio', 'Writes down what is said in a recording.', { url: 'Address of the recording' }],
      ['extract_entities', 'Finds the people, places and companies that a text names.', { text: 'The text' }],
    ],
  },
}

export const MANY_TOOLS: Findable[] = Object.entries(SERVERS).flatMap(([server, { tags, tools }]) =>
  tools.map(([name, description, parameters = {}]) => {
    const properties = Object.fromEntries(Object.entries(parameters).map(([key, text]) => [key, { type: 'string', description: text }]))
    const tool = readTool({ name, description, inputSchema: { type: 'object', properties } })
    if (tool === null) throw new Error(`${name} is no tool`)
    return { server, tags, tool }
  }),
)

/**
 * The least that a validator in Node can be: the same status and headers to everybody.
 *
 *   ANSWER='{"status":204,"headers":{…}}' node --import tsx bench/programs/bare.ts http|hono PORT
 */
import { createServer } from 'node:http'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'

const [kind, port] = process.argv.slice(2)
const { status, headers } = JSON.parse(process.env.ANSWER ?? '') as { status: 204; headers: Record<string, string> }

if (kind === 'http') {
  const server = createServer((_request, response) => response.writeHead(status, headers).end())
  server.keepAliveTimeout = 75_000
  server.listen(Number(port), '127.0.0.1')
} else {
  const app = new Hono()
  app.get('/validate', () => new Response(null, { status, headers }))
  serve({ fetch: app.fetch, port: Number(port), hostname: '127.0.0.1' })
}

/** Answers with lists, and what a hostile MCP server could send in their place. */
import { listAnswer, mutate } from '../nginx/random_json.ts'
import type { Random } from '../support/random.ts'

/** Longer ones are dense enough to take more steps than one answer has. */
const LONGEST = 48 * 1024

/** An answer to tools/list, most of them with a change or two. */
export function listText(random: Random): string {
  const answer = listAnswer(random)
  const text = answer.length > LONGEST ? '{"id":7,"result":{"tools":[]}}' : answer
  switch (random.below(3)) {
    case 0:
      return text
    case 1:
      return mutate(random, text)
    default:
      return mutate(random, mutate(random, text))
  }
}

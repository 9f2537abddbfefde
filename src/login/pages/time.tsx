/** When a session ends, in words that need no script and no time zone of the reader's. */

interface EndsProps {
  /** Seconds since 1970, as is `now`. */
  endsAt: number
  now: number
}

export const Ends = ({ endsAt, now }: EndsProps) => {
  const moment = new Date(endsAt * 1000).toISOString().slice(0, 16)
  return (
    <>
      <time datetime={`${moment}Z`}>{moment.replace('T', ' ')} UTC</time>, {remaining(endsAt - now)}
    </>
  )
}

/** Never promises more than there is: whole units, rounded down. */
export function remaining(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  const days = Math.floor(hours / 24)
  if (seconds <= 0) return 'which has passed'
  if (minutes < 1) return 'in less than a minute'
  if (hours < 1) return `in ${minutes} min`
  if (days < 1) return `in ${hours} h ${minutes % 60} min`
  return `in ${days} d ${hours % 24} h`
}

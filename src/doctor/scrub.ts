/** The last look at what is told: answers of others are quoted, and might repeat what they were sent. */
import type { Finding } from './finding.ts'

/** Shorter ones could be any word. */
const SHORTEST = 8
/** Characters of one text: what others say may be endless. */
const LONGEST = 1000

export function scrub(findings: readonly Finding[], secrets: readonly string[]): Finding[] {
  const known = secrets.filter((secret) => secret.length >= SHORTEST)
  const clean = (text: string): string => {
    const safe = known.reduce((rest, secret) => rest.replaceAll(secret, '(secret)'), text)
    return safe.length > LONGEST ? `${safe.slice(0, LONGEST)}…` : safe
  }
  return findings.map((finding) => ({ ...finding, evidence: clean(finding.evidence), remedy: finding.remedy && clean(finding.remedy) }))
}

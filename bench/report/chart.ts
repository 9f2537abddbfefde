/** Calls a second as bars, for light and dark pages. */
import type { Figure, Run } from '../figure.ts'
import { short, whole } from './numbers.ts'

const WIDTH = 960
const ROW = 30
const LABEL = 380
const VALUE = 170
const TOP = 64

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 16px; font-weight: 600 }
  .small { fill: #59636e }
  .limit { fill: #8c959f }
  .gate { fill: #0969da }
  .peer { fill: #bf8700 }
  .background { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .small { fill: #9198a1 }
    .limit { fill: #6e7681 }
    .gate { fill: #4493f8 }
    .peer { fill: #d29922 }
    .background { fill: #0d1117 }
  }`

const escapeText = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)

const kindOf = ({ title, cpu }: Figure): 'limit' | 'gate' | 'peer' => {
  if (cpu.peer !== undefined) return 'peer'
  return title.startsWith('Gatehouse') ? 'gate' : 'limit'
}

/** The points through NGINX, in the order of the table. Those that do not count have no bar. */
export function toSvg(run: Run): string {
  const figures = (run.parts.find(({ name }) => name === 'nginx')?.figures ?? []).filter(({ problems }) => problems.length === 0)
  const most = Math.max(1, ...figures.map(({ perSecond }) => perSecond ?? 0))
  const height = TOP + figures.length * ROW + 16
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title">
<style>${STYLE}
</style>
<rect class="background" width="${WIDTH}" height="${height}"/>
<text id="title" class="title" x="16" y="28">Calls a second through one NGINX worker</text>
<text class="small" x="16" y="48">${escapeText(`${run.machine.processor ?? ''} · nginx ${run.machine.nginx ?? ''} · ${run.date.slice(0, 10)} · beside the bars: calls a second · µs of the worker a call`)}</text>
${figures.map((figure, index) => bar(figure, TOP + index * ROW, most)).join('\n')}
</svg>
`
}

function bar(figure: Figure, y: number, most: number): string {
  const length = ((figure.perSecond ?? 0) / most) * (WIDTH - LABEL - VALUE)
  const value = `${whole(figure.perSecond)} · ${short(figure.cpu.nginx)} µs`
  return [
    `<text x="${LABEL - 10}" y="${y + 19}" text-anchor="end">${escapeText(figure.title)}</text>`,
    `<rect class="${kindOf(figure)}" x="${LABEL}" y="${y + 5}" width="${length.toFixed(1)}" height="${ROW - 10}" rx="2"/>`,
    `<text x="${(LABEL + length + 8).toFixed(1)}" y="${y + 19}">${escapeText(value)}</text>`,
  ].join('\n')
}

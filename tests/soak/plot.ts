/** The figures of a soak over time, one below the other, for light and dark pages. */
import type { Judgement, Sample } from './slope.ts'

const WIDTH = 960
const HEIGHT = 130
const LEFT = 70
const RIGHT = 20
const TOP = 64

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 16px; font-weight: 600 }
  .small { font-size: 12px; fill: #59636e }
  .line { fill: none; stroke: #0969da; stroke-width: 1 }
  .fit { stroke: #bf8700; stroke-width: 2 }
  .frame { fill: none; stroke: #d1d9e0 }
  .background { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .small { fill: #9198a1 }
    .line { stroke: #4493f8 }
    .fit { stroke: #d29922 }
    .frame { stroke: #3d444d }
    .background { fill: #0d1117 }
  }`

export interface Curve {
  judgement: Judgement
  samples: readonly Sample[]
}

const escapeText = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** @param subtitle what was run, and when */
export function toSvg(curves: readonly Curve[], subtitle: string): string {
  const height = TOP + curves.length * HEIGHT
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title">
<style>${STYLE}
</style>
<rect class="background" width="${WIDTH}" height="${height}"/>
<text id="title" class="title" x="16" y="28">The gate under mixed load</text>
<text class="small" x="16" y="48">${escapeText(subtitle)}</text>
${curves.map((curve, index) => panel(curve, TOP + index * HEIGHT)).join('\n')}
</svg>
`
}

function panel({ judgement, samples }: Curve, top: number): string {
  const { title, unit, points, perHour, mean } = judgement
  const end = Math.max(1, ...samples.map(({ at }) => at))
  const most = Math.max(1e-9, ...samples.map(({ value }) => value)) * 1.1
  const [y0, y1] = [top + HEIGHT - 24, top + 24]
  const x = (at: number): string => (LEFT + (at / end) * (WIDTH - LEFT - RIGHT)).toFixed(1)
  const y = (value: number): string => (y0 - (Math.max(0, value) / most) * (y0 - y1)).toFixed(1)
  const [first, last] = [points[0]?.at ?? 0, points.at(-1)?.at ?? 0]
  const fitted = (at: number): number => mean + (perHour / 3600) * (at - (first + last) / 2)
  return [
    `<text x="${LEFT}" y="${top + 16}">${escapeText(`${title}, ${unit}`)}</text>`,
    `<rect class="frame" x="${LEFT}" y="${y1}" width="${WIDTH - LEFT - RIGHT}" height="${y0 - y1}"/>`,
    `<text class="small" x="${LEFT - 8}" y="${y1 + 10}" text-anchor="end">${most.toFixed(most < 10 ? 1 : 0)}</text>`,
    `<text class="small" x="${LEFT - 8}" y="${y0}" text-anchor="end">0</text>`,
    `<text class="small" x="${WIDTH - RIGHT}" y="${y0 + 15}" text-anchor="end">${Math.round(end)} s</text>`,
    `<polyline class="line" points="${samples.map(({ at, value }) => `${x(at)},${y(value)}`).join(' ')}"/>`,
    `<line class="fit" x1="${x(first)}" y1="${y(fitted(first))}" x2="${x(last)}" y2="${y(fitted(last))}"/>`,
  ].join('\n')
}

/** Colours, type and the frame of every page. Text has a contrast of 4.5 or more on its ground in both schemes, controls 3 or more. */
export const BASE_STYLE = `:root {
  color-scheme: light dark;
  --ground: #f5f7f6; --card: #ffffff; --inset: #edf1f0; --text: #14201e; --muted: #51605d; --line: #d6dedc; --control: #73837f;
  --accent: #0b6b62; --accent-hover: #07544d; --on-accent: #ffffff; --tint: #e3f1ee; --caution: #fff5dc; --caution-line: #9a6000; --on-caution: #ffffff;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0e1413; --card: #151d1b; --inset: #1e2826; --text: #e5ecea; --muted: #9db0ab; --line: #2b3835; --control: #6f827d;
    --accent: #62d9c5; --accent-hover: #8ae8d8; --on-accent: #04231e; --tint: #17312c; --caution: #2b2410; --caution-line: #d39b2a; --on-caution: #1c1500;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { font: 100%/1.55 var(--sans); color: var(--text); background: var(--ground); -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1rem; }
body { margin: 0; min-height: 100vh; min-height: 100dvh; display: flex; flex-direction: column; overflow-wrap: anywhere; }
h1, h2, h3, p, ul, ol, dl, dd, pre, table { margin: 0; padding: 0; }
h1 { font-size: clamp(1.625rem, 1.4rem + 1.2vw, 2rem); line-height: 1.2; letter-spacing: -.015em; text-wrap: balance; }
h2 { font-size: 1.25rem; line-height: 1.3; letter-spacing: -.005em; }
h3 { font-size: 1.125rem; line-height: 1.4; }
a { color: var(--accent); text-underline-offset: .15em; }
a:hover { color: var(--accent-hover); }
code, pre, .mono { font-family: var(--mono); font-size: .875em; }
bdi { white-space: pre-wrap; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: .25rem; }
main:focus { outline: none; }

.skip { position: absolute; left: -100vw; top: .5rem; padding: .5rem 1rem; background: var(--card); }
.skip:focus { left: .5rem; z-index: 1; }
.hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.muted { color: var(--muted); }
.small { font-size: .875rem; }

.top, main, .foot { width: 100%; max-width: 62rem; margin-inline: auto; padding-inline: clamp(1rem, 4vw, 2rem); }
.top { display: flex; align-items: center; justify-content: space-between; gap: 1rem; padding-block: 1.25rem; min-height: 5rem; }
.brand { display: inline-flex; align-items: center; gap: .625rem; color: var(--text); font-weight: 650; font-size: 1.0625rem; text-decoration: none; }
.brand:hover { color: var(--text); }
.brand svg { width: 1.75rem; height: 1.75rem; color: var(--accent); flex: none; }
main { flex: 1; display: grid; align-content: start; gap: 2.5rem; padding-block: 1rem 3rem; }
.narrow main { max-width: 34rem; padding-top: clamp(1rem, 14vh, 9rem); }
.narrow .top { max-width: 34rem; }
.narrow .foot { max-width: 34rem; }
.foot { padding-block: 1.5rem; color: var(--muted); font-size: .8125rem; }

@media (prefers-reduced-motion: no-preference) {
  html { scroll-behavior: smooth; }
  .button, .copy { transition: background-color .12s, border-color .12s, color .12s; }
}
`

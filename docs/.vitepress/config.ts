/** The documentation as a site: `make docs` builds it into docs/.vitepress/dist. It asks nobody for anything when it is read. */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitepress'
import { layFile } from '../site/files.ts'
import { slugOf } from '../site/markdown.ts'
import { Addresses, pageOf } from '../site/pages.ts'
import { extend } from '../site/render.ts'
import { sidebar } from '../site/sidebar.ts'

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
const addresses = new Addresses(root)
const linked = new Set<string>()

/** Words for the search: names such as `token_client` as a whole, and their parts. It runs in the browser too, so it uses nothing around it. */
const tokenize = (text: string): string[] =>
  text
    .split(/[^\p{L}\p{N}_]+/u)
    .flatMap((word) => (word.includes('_') ? [word, ...word.split('_')] : [word]))
    .filter((word) => word !== '')

const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="none" stroke="#0a58ca" stroke-width="2" d="M2 15V6l6-4 6 4v9M6 15v-5h4v5"/></svg>',
)}`

export default defineConfig({
  title: 'Gatehouse',
  description: 'Authentication gate for MCP servers behind NGINX, with Amazon Cognito identities.',
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: ICON }]],
  srcDir: '..',
  // Files of the whole repository are looked through; these are the pages.
  srcExclude: ['README.md', '{src,tests,nginx,gates,bin,dist}/**', '**/.*/**'],
  rewrites: (file) => pageOf(file) ?? file,
  cleanUrls: false,
  ignoreDeadLinks: false,
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    // Addresses in running text are examples, not links.
    linkify: false,
    anchor: { slugify: slugOf },
    config: (md) => extend(md, root, addresses, (file) => linked.add(file)),
  },
  buildEnd({ outDir }) {
    for (const file of linked) layFile(root, outDir, file)
  },
  vite: { build: { target: 'es2022', reportCompressedSize: false } },
  themeConfig: {
    sidebar,
    outline: [2, 3],
    search: { provider: 'local', options: { miniSearch: { options: { tokenize }, searchOptions: { combineWith: 'AND' } } } },
    docFooter: { prev: 'Before', next: 'Next' },
  },
})

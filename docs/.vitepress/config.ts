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

export default defineConfig({
  title: 'Gatehouse',
  description: 'Authentication gate for MCP servers behind NGINX, with Amazon Cognito identities.',
  srcDir: '..',
  // Files of the whole repository are looked through; these are the pages.
  srcExclude: ['README.md', '{src,tests,nginx,gates,bin,dist}/**', '**/.*/**'],
  rewrites: (file) => pageOf(file) ?? file,
  cleanUrls: false,
  ignoreDeadLinks: false,
  markdown: {
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
    search: { provider: 'local' },
    docFooter: { prev: 'Before', next: 'Next' },
  },
})

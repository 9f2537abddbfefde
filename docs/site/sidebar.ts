/** The table of contents: every page once. */
import type { DefaultTheme } from 'vitepress'

const page = (text: string, link: string): DefaultTheme.SidebarItem => ({ text, link })

export const sidebar: DefaultTheme.SidebarItem[] = [
  {
    text: 'Begin',
    items: [
      page('Gatehouse', '/'),
      page('Start in five minutes', '/start'),
      page('In front of your own servers', '/nginx'),
      page('Coming from the MCP Gateway Registry', '/migrating'),
    ],
  },
  {
    text: 'Set up',
    items: [
      page('Amazon Cognito', '/cognito'),
      page('Cognito by CloudFormation, Terraform', '/cognito-stack'),
      page('Users: logging in', '/login'),
      page('MCP clients', '/clients'),
      page('Agents and tools', '/agent'),
      page('mcpgw, the registry', '/registry'),
      page('Policy', '/policy'),
      page('Limits', '/limits'),
    ],
  },
  {
    text: 'Run',
    items: [
      page('Docker', '/docker'),
      page('Kubernetes', '/kubernetes'),
      page('Other gates', '/gates'),
      page('Operations', '/operations'),
      page('Troubleshooting', '/troubleshooting'),
      page('gatehouse init, gatehouse doctor', '/doctor'),
      page('Observability', '/observability'),
    ],
  },
  {
    text: 'Know',
    items: [
      page('Security', '/security'),
      page('What it does not do', '/boundaries'),
      page('Performance', '/performance'),
      page('Results', '/results'),
    ],
  },
  {
    text: 'Reference',
    items: [
      page('Settings', '/reference/settings'),
      page('Refusals', '/reference/refusals'),
      page('Headers', '/reference/headers'),
      page('Commands', '/reference/commands'),
    ],
  },
  { text: 'Project', items: [page('Changes', '/changelog'), page('Contributing', '/contributing')] },
]

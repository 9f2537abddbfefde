/** Whether the nginx of this machine has what nginx/gatehouse-dict/ needs. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findNginx } from '../../src/demo/nginx.ts'

const CONFIG = (module: string): string => `load_module ${module};
pid nginx.pid;
events {}
http {
    client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
    js_shared_dict_zone zone=gatehouse:1m timeout=1s evict;
}
`

/** Asks nginx itself, once. */
export function sharesDictionary(): boolean {
  const { nginx, module } = findNginx()
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-njs-'))
  try {
    writeFileSync(join(folder, 'nginx.conf'), CONFIG(module))
    const { status, stderr } = spawnSync(nginx, ['-t', '-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')], {
      encoding: 'utf8',
    })
    if (status !== 0 && !/unknown directive "js_shared_dict_zone"/.test(stderr)) throw new Error(stderr)
    return status === 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

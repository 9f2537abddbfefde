// Whether a decision can be written down now. Where it cannot, because its folder is gone or its disk is full, nginx would give up the request.

// biome-ignore lint/style/useNodejsImportProtocol: njs knows it by this name
import fs from 'fs'

// '1' where there is no room for a block, which is what most of them take, else ''.
function missing(r) {
  const file = r.variables.gatehouse_decisions + '/room-' + process.pid
  try {
    fs.writeFileSync(file, 'x', { mode: 0o600 })
    fs.unlinkSync(file)
    return ''
  } catch (e) {
    r.error('no decision can be remembered: ' + e.message)
    return '1'
  }
}

export default { missing }

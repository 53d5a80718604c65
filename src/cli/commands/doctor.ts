import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Command } from 'commander'
import type { Finding } from '../doctor/finding.js'
import { exitCodes } from '../exit-codes.js'
import { type Colour, createOutput } from '../output.js'
import { manifest } from '../package.js'
import type { SetExitCode } from '../program.js'
import { addStoreFlags, findStoreUrl, openUrl, type StoreFlags } from '../store-option.js'
import type { Terminal } from '../terminal.js'

const marks: { readonly [S in Finding['status']]: readonly [Colour, string] } = {
  ok: ['green', 'ok  '],
  info: ['dim', 'info'],
  warn: ['yellow', 'warn'],
  fail: ['red', 'FAIL'],
}

export function doctorCommand(terminal: Terminal, setExitCode: SetExitCode): Command {
  const command = new Command('doctor')
    .summary('check Node, SDKs, credentials, debug switches and the store')
    .description(
      'check Node, the SDKs, credentials (by name only), debug switches that leak, the clock and the store',
    )
    .action(async (flags: StoreFlags) => {
      const output = createOutput(terminal)
      const findings = await examine(flags, terminal)
      const failed = findings.some(({ status }) => status === 'fail')
      if (flags.json === true) output.document({ ok: !failed, findings })
      else
        for (const { status, message } of findings)
          output.line(`${output.paint(...marks[status])}  ${message}`)
      if (failed) setExitCode(exitCodes.failed)
    })
  return addStoreFlags(command)
}

async function examine(flags: StoreFlags, terminal: Terminal): Promise<Finding[]> {
  const { env, cwd, stop } = terminal
  const [
    { checkNode, checkClock },
    { checkSdks },
    { checkCredentials, checkDebugSwitches, checkFileKey },
    { checkStore },
  ] = await Promise.all([
    import('../doctor/runtime.js'),
    import('../doctor/sdks.js'),
    import('../doctor/environment.js'),
    import('../doctor/store.js'),
  ])
  const { engines, peerDependencies, version } = manifest()
  const installedAt = statSync(createRequire(import.meta.url).resolve('strongroom/package.json')).mtimeMs
  const url = await findStoreUrl(flags, env, cwd)
  return [
    { id: 'strongroom', status: 'ok', message: `strongroom ${version}` },
    checkNode(process.versions.node, engines.node),
    checkClock(Date.now(), installedAt),
    ...checkSdks(peerDependencies),
    ...checkCredentials(env),
    ...checkFileKey(env),
    ...checkDebugSwitches(env),
    url === undefined
      ? { id: 'store', status: 'info', message: 'no store is configured; pass --store URL to try one' }
      : await checkStore(() => openUrl(url, flags, terminal), stop),
  ]
}

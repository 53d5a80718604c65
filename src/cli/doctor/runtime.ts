import type { Finding } from './finding.js'
import { satisfies } from './range.js'

export function checkNode(version: string, range: string): Finding {
  if (!satisfies(version, range)) {
    return { id: 'node', status: 'fail', message: `Node ${version} is not ${range}; install a newer one` }
  }
  if (satisfies(version, '>=22')) return { id: 'node', status: 'ok', message: `Node ${version}` }
  const message = `Node ${version} works; releases of the AWS SDK after the first week of January 2027 need Node 22`
  return { id: 'node', status: 'warn', message }
}

/** A clock that is behind the day on which the package was installed breaks signatures and TLS. */
export function checkClock(now: number, installedAt: number): Finding {
  const shown = new Date(now).toISOString()
  return now >= installedAt
    ? {
        id: 'clock',
        status: 'ok',
        message: `the clock says ${shown}; AWS refuses a request that is 5 minutes off`,
      }
    : {
        id: 'clock',
        status: 'fail',
        message: `the clock says ${shown}, before this package was installed; set it, or signatures and TLS fail`,
      }
}

import type { Finding } from './finding.js'
import { satisfies } from './range.js'

export function checkNode(version: string, range: string): Finding {
  return satisfies(version, range)
    ? { id: 'node', status: 'ok', message: `Node ${version}` }
    : { id: 'node', status: 'fail', message: `Node ${version} is not ${range}; install a newer one` }
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

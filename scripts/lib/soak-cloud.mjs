// The process that soak.mjs forks: emulators of every service there is, and faults that keep pace with the calls.
import { serviceNames, startEmulators } from 'strongroom/emulators'

const share = Number(process.argv[2])
/** Of everything that may go wrong, a little of each; `*` is any operation. */
const mishaps = [
  { status: 503 },
  { drop: 'before' },
  { status: 429 },
  { drop: 'after' },
  { delayMs: 150 },
  { status: 500 },
  { delayMs: 20, status: 503 },
]
const cloud = await startEmulators()
const services = serviceNames.map((name) => cloud[name])
let [faulted, turn] = [0, 0]

/** Calls so far, of all services. */
const countCalls = () =>
  services.flatMap((service) => Object.values(service.calls)).reduce((sum, count) => sum + count, 0)

const timer = setInterval(() => {
  const due = Math.floor(countCalls() * share) - faulted
  for (let count = 0; count < due; count += 1) {
    const service = services[turn % services.length]
    const mishap = mishaps[Math.floor(turn / services.length) % mishaps.length]
    service?.faults.add(/** @type {never} */ ({ operation: '*', times: 1, ...mishap }))
    turn += 1
    faulted += 1
  }
}, 50)

process.on('message', async (message) => {
  if (message === 'counts') {
    process.send?.({ calls: countCalls(), faulted })
    return
  }
  clearInterval(timer)
  await cloud.close()
  process.disconnect()
})
process.send?.({
  stores: Object.fromEntries(serviceNames.map((name) => [name, cloud[name].storeUrl])),
  environment: Object.assign({}, ...services.map(({ env }) => env)),
})

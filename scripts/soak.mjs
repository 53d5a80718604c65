// Works on stores of every emulated cloud for a while, with faults, and looks at what this process keeps: the heap after
// a forced collection, timers, sockets, rejections that nobody handled. `npm run test:soak -- --minutes 20`.
//
//   --minutes M     how long (default 0.5: the short form, which judges rejections and leaks, not the slope)
//   --schedules N   instead: N random schedules of the model of test/soak/schedules.ts
//   --share S       of the calls that go wrong (default 0.06)
//   --seed N        of chance
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { defaultLayers, openStore } from 'strongroom'
import { openTelemetry } from 'strongroom/opentelemetry'
import { root } from './lib/files.mjs'
import { seed, work } from './lib/soak-load.mjs'
import { heapAfterGc, recorder, resources, slopeInTenMinutes } from './lib/soak-meter.mjs'
import { runSchedules } from './lib/soak-schedules.mjs'

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '0.5' },
    schedules: { type: 'string' },
    share: { type: 'string', default: '0.06' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})
if (options.schedules === undefined) await soak()
else process.exitCode = await runSchedules(options.schedules, options.seed)

async function soak() {
  const minutes = Number(options.minutes)
  const random = chance(Number(options.seed))
  const isLong = minutes >= 20
  const names = isLong ? 200 : 40
  console.log(`soak: ${minutes} minutes, seed ${options.seed}`)
  let unhandled = 0
  process.on('unhandledRejection', (reason) => {
    unhandled += 1
    console.log(`unhandled rejection: ${reason instanceof Error ? reason.name : typeof reason}`)
  })

  const cloud = fork(join(root, 'scripts/lib/soak-cloud.mjs'), [options.share])
  const [{ stores: urls, environment }] = await once(cloud, 'message')
  Object.assign(process.env, environment)
  const meters = { record: () => {}, add: () => {} }
  const stopTelemetry = openTelemetry({
    meter: { createHistogram: () => meters, createCounter: () => meters },
  })
  const layers = () =>
    defaultLayers({
      cache: { ttlMs: 2_000, maxEntries: 300 },
      audit: { record: () => {} },
      policy: { rules: [{ effect: 'deny', names: ['forbidden/**'] }], otherwise: 'allow' },
    })
  const opened = await Promise.all(
    Object.values(/** @type {Record<string, string>} */ (urls)).map((url) =>
      openStore(url, { layers: layers() }),
    ),
  )
  const samplesPath = join(root, `.cache/soak/${new Date().toISOString().replace(/[:.]/g, '-')}.ndjson`)
  const { samples, keep } = recorder(samplesPath)
  /** @type {Map<string, number>} */
  const outcomes = new Map()
  let operations = 0
  let [underWay, stopping] = [0, false]
  /** @type {Promise<void> | undefined} */
  let pause
  const turn = async () => {
    await pause
    if (!stopping) underWay += 1
    return !stopping
  }
  const done = (/** @type {string} */ outcome) => {
    operations += 1
    underWay -= 1
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }

  await Promise.all(opened.map((store) => seed(store, names)))
  const since = performance.now()
  const sample = () => {
    const heapBytes = heapAfterGc()
    const { external: externalBytes, rss: rssBytes } = process.memoryUsage()
    const atMs = Math.round(performance.now() - since)
    keep({ atMs, heapBytes, externalBytes, rssBytes, ...resources(), operations, unhandled })
  }
  // What is under way is on the heap too, and a busy machine has more of it: samples are taken in a break.
  const takeBreak = async () => {
    for (let wait = 0; wait < 100 && underWay > 0; wait += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    sample()
    pause = undefined
  }
  const sampling = setInterval(
    () => {
      pause ??= takeBreak()
    },
    Math.min(15_000, minutes * 6_000),
  )
  const watching = opened.map(watchAll)
  const workers = opened.flatMap((store) =>
    Array.from({ length: 40 }, () => work(store, { names, paceMs: 20, random, turn, done })),
  )
  await new Promise((resolve) => setTimeout(resolve, minutes * 60_000))
  stopping = true
  await Promise.all(workers)
  const tookMs = performance.now() - since
  clearInterval(sampling)
  await pause
  sample()

  cloud.send('counts')
  const [{ calls, faulted }] = await once(cloud, 'message')
  await Promise.all(opened.map((store) => store.close()))
  await Promise.all(watching)
  stopTelemetry()
  const left = await settled()
  cloud.send('close')
  await once(cloud, 'exit')

  const rate = operations / (tookMs / 1_000)
  const recent = samples.filter(({ atMs }) => atMs >= tookMs - 15 * 60_000)
  const slope = slopeInTenMinutes(recent)
  const bugs = [...outcomes.keys()].filter((outcome) => outcome.startsWith('bug'))
  const heap = (/** @type {number | undefined} */ bytes = 0) => `${(bytes / 1_048_576).toFixed(1)} MiB`
  console.log(`outcomes: ${JSON.stringify(Object.fromEntries(outcomes))}`)
  console.log(
    `heap after collection: ${heap(samples[0]?.heapBytes)} at first, ${heap(samples.at(-1)?.heapBytes)} at last`,
  )
  console.log(`samples: ${samples.length} in ${samplesPath.slice(root.length + 1)}`)
  conclude([
    [unhandled === 0, `${unhandled} unhandled rejections`],
    [bugs.length === 0, `${bugs.length} errors that are none of ours ${bugs.join(', ')}`],
    [
      left.timers === 0 && left.sockets === 0,
      `after close(): ${left.timers} timers, ${left.sockets} sockets`,
    ],
    [
      calls > 0 && faulted / calls >= 0.05,
      `${((100 * faulted) / calls).toFixed(1)} % of ${calls} calls faulted`,
    ],
    [!isLong || rate >= 200, `${rate.toFixed(0)} operations a second`],
    [
      !isLong || slope < 0.01,
      `heap ${(100 * slope).toFixed(2)} % in 10 minutes${isLong ? '' : ' (not judged: too short)'}`,
    ],
  ])
}

/** @param {import('strongroom').SecretStore} store */
async function watchAll(store) {
  for await (const { name } of store.watch('soak/0', { intervalMs: 1_000 })) void name
}

/** Waits until nothing is left, at most five seconds; timers of the wait itself are not counted. */
async function settled() {
  let left = resources()
  for (let turn = 0; turn < 50 && left.timers + left.sockets > 0; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    left = resources()
  }
  return left
}

/** @param {readonly (readonly [holds: boolean, what: string])[]} verdicts */
function conclude(verdicts) {
  for (const [holds, what] of verdicts) console.log(`${holds ? 'ok  ' : 'FAIL'}  ${what}`)
  const failed = verdicts.filter(([holds]) => !holds).length
  console.log(`${verdicts.length - failed} passed, ${failed} failed`)
  if (failed > 0) process.exitCode = 1
}

/**
 * Chance that is the same for one seed (a linear congruence: good enough to pick operations).
 *
 * @param {number} start
 */
function chance(start) {
  let state = start % 2 ** 32
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

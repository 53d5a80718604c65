// `import 'strongroom'` from dist/: which files it loads, counted by a loader that sees every one of them.
import { register } from 'node:module'
import { receiveMessageOnPort } from 'node:worker_threads'
import { conclude } from '../lib/gate.mjs'

const budget = 30
const { port1, port2 } = new MessageChannel()
register('../lib/trace-loader.mjs', import.meta.url, { data: { port: port2 }, transferList: [port2] })

const since = performance.now()
await import('strongroom')
const took = performance.now() - since

const modules = received().filter((url) => url.startsWith('file:'))
const foreign = modules.filter((url) => !url.includes('/dist/src/'))
conclude(
  `import 'strongroom' loads ${modules.length} files and no SDK, ${Math.round(took)} ms with the trace on`,
  [
    ...foreign.map((url) => `${url} is loaded by import 'strongroom'`),
    ...(modules.length > budget
      ? [`import 'strongroom' loads ${modules.length} files; the budget is ${budget}`, ...modules]
      : []),
    ...(modules.length === 0 ? ['the trace saw nothing: is dist/ built?'] : []),
  ],
)

/** @returns {string[]} the addresses that the loader reported */
function received() {
  const urls = []
  for (;;) {
    const report = receiveMessageOnPort(port1)
    if (report === undefined) return urls
    urls.push(report.message)
  }
}

// The AWS emulator in a process of its own: says where it is, and what it has cost so far.
import { startEmulators } from 'strongroom/emulators'

const seed = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`app/secret-${at}`, `value-${at}`]))
const cloud = await startEmulators({ services: ['aws'], seed })
process.on('message', (message) => {
  if (message === 'cpu') process.send?.({ cpuMicros: process.cpuUsage().user + process.cpuUsage().system })
  if (message === 'calls') process.send?.({ calls: cloud.aws.calls })
})
process.on('disconnect', () => process.exit())
process.send?.({ url: cloud.aws.url, env: cloud.aws.env, storeUrl: cloud.aws.storeUrl })

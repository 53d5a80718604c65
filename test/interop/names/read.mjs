// Reads what create.py has created, by its real name, and looks for it in the listing.
//   node read.mjs EMULATORS    the line of `strongroom emulate --json`
import { readFileSync } from 'node:fs'
import { openStore } from 'strongroom'

const emulators = JSON.parse(process.argv[2])
const names = JSON.parse(readFileSync(new URL('names.json', import.meta.url), 'utf8'))
const failed = []
let passed = 0
for (const [cloud, all] of Object.entries(names)) {
  Object.assign(process.env, emulators[cloud].env)
  const store = await openStore(emulators[cloud].storeUrl)
  const listed = new Set()
  for await (const { name } of store.list()) listed.add(name)
  for (const name of all) {
    const secret = await store.find(name)
    const isRight = secret?.text() === `value of ${name}` && listed.has(name)
    if (isRight) passed += 1
    else failed.push(`${cloud}: ${name}`)
  }
  await store.close()
}
for (const name of failed) process.stdout.write(`not ok  ${name}\n`)
process.stdout.write(`${passed} passed, ${failed.length} failed\n`)
process.exitCode = failed.length > 0 ? 1 : 0

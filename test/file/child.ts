import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import fs, { type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { createStore, SecretError } from 'strongroom'
import { type FileOptions, file } from 'strongroom/file'

/** What a child is told, as its one argument. */
export type Job = { readonly options: FileOptions } & (
  | { readonly run: 'write for ever'; readonly name: string }
  | {
      readonly run: 'write once'
      readonly name: string
      readonly value: string
      readonly dieBefore: number
    }
  | { readonly run: 'add'; readonly names: readonly string[] }
  | { readonly run: 'race'; readonly name: string; readonly ifVersion: string }
  | { readonly run: 'stand still' }
)

const job = JSON.parse(process.argv[2] ?? '') as Job
const store = createStore({ provider: file(job.options), layers: [] })

switch (job.run) {
  case 'write for ever':
    for (let count = 1; ; count += 1) {
      const { version } = await store.put(job.name, `${count} ${'x'.repeat(randomInt(20_000))}`)
      process.stdout.write(`${count} ${version}\n`)
    }
  case 'write once':
    await countCalls(job)
    await store.put(job.name, job.value)
    process.stdout.write('done\n')
    break
  case 'add':
    for (const name of job.names) await store.put(name, `value of ${name}`)
    break
  case 'race':
    process.stdout.write('ready\n')
    await once(process.stdin, 'data')
    process.stdout.write(`${await raced(job.name, job.ifVersion)}\n`)
    process.stdin.destroy()
    break
  case 'stand still':
    process.stdout.write(`${process.pid}\n`)
    setInterval(() => {}, 60_000)
}

async function raced(name: string, ifVersion: string): Promise<string> {
  try {
    await store.put(name, `written by ${process.pid}`, { ifVersion })
    return 'won'
  } catch (error) {
    if (!SecretError.is(error)) throw error
    return error.code
  }
}

/** The process kills itself before one of its calls to the file system; of a content, half is written. */
async function countCalls({ dieBefore }: { readonly dieBefore: number }): Promise<void> {
  let calls = 0
  type Call = (this: unknown, ...args: unknown[]) => Promise<unknown>
  const counted = (call: Call): Call =>
    async function (...args) {
      calls += 1
      if (calls === dieBefore) {
        const [content] = args
        if (content instanceof Uint8Array) await call.call(this, content.subarray(0, content.length / 2))
        process.kill(process.pid, 'SIGKILL')
        await new Promise(() => {})
      }
      return call.apply(this, args)
    }
  const handle = await fs.open(process.execPath, 'r')
  const prototype = Object.getPrototypeOf(handle) as FileHandle
  await handle.close()
  for (const [target, names] of [
    [
      fs,
      ['open', 'rename', 'rm', 'link', 'mkdir', 'readFile', 'writeFile', 'utimes', 'stat', 'lstat', 'access'],
    ],
    [prototype, ['stat', 'read', 'readFile', 'writeFile', 'sync', 'close']],
  ] as const) {
    const calls = target as unknown as Record<string, Call>
    for (const name of names) calls[name] = counted(calls[name] as Call)
  }
  syncBuiltinESMExports()
}

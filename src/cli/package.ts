import { createRequire } from 'node:module'

interface Manifest {
  readonly version: string
  readonly engines: { readonly node: string }
  readonly peerDependencies: Readonly<Record<string, string>>
}

/** Our own package.json, read where the command runs. */
export function manifest(): Manifest {
  return createRequire(import.meta.url)('strongroom/package.json') as Manifest
}

export function packageVersion(): string {
  return manifest().version
}

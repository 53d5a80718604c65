import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { parseJson } from '../../json.js'
import type { Finding } from './finding.js'
import { satisfies } from './range.js'

/** The official packages behind each kind of store. */
const packagesOf: Readonly<Record<string, readonly string[]>> = {
  aws: ['@aws-sdk/client-secrets-manager'],
  azure: ['@azure/keyvault-secrets', '@azure/identity'],
  file: ['age-encryption'],
  gcp: ['@google-cloud/secret-manager'],
}

/** Whether the SDKs are there, and at or above the versions that we test. A missing one is no fault by itself. */
export function checkSdks(
  ranges: Readonly<Record<string, string>>,
  installed: (name: string) => string | undefined = installedVersion,
): Finding[] {
  return Object.entries(packagesOf).flatMap(([provider, names]) =>
    names.map((name) => checkSdk(provider, name, ranges[name] ?? '', installed(name))),
  )
}

function checkSdk(provider: string, name: string, range: string, version: string | undefined): Finding {
  const id = `sdk.${name}`
  if (version === undefined) {
    return {
      id,
      status: 'info',
      message: `${name} is not installed; stores of ${provider} need it: npm install ${name}`,
    }
  }
  if (satisfies(version, range)) return { id, status: 'ok', message: `${name} ${version}` }
  return { id, status: 'fail', message: `${name} ${version} is not in ${range}: npm install ${name}@latest` }
}

/** The version that our own imports would get; `exports` of a package may hide its package.json from `require`. */
function installedVersion(name: string): string | undefined {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? []
  const file = folders.map((folder) => join(folder, name, 'package.json')).find((path) => existsSync(path))
  if (file === undefined) return undefined
  return String((parseJson(readFileSync(file, 'utf8')) as { readonly version?: string }).version)
}

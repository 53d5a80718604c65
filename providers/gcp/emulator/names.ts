import { crc32c } from './crc32c.js'
import { GcpError, invalidArgument } from './errors.js'

/** How projects are named. */
export interface ProjectSettings {
  /** Numbers of projects by their ids. Any other id has a number that follows from it. */
  readonly projectNumbers: Readonly<Record<string, string>>
  readonly namesBy: 'number' | 'id'
}

export interface VersionName {
  /** Name of its secret. */
  readonly secret: string
  /** A number, `latest` or an alias, as asked for. */
  readonly version: string
}

const parentPattern = /^projects\/([^/]+)(\/locations\/[a-z0-9-]{1,63})?$/
const secretPattern = /^(projects\/[^/]+(?:\/locations\/[^/]+)?)\/secrets\/([A-Za-z0-9_-]{1,255})$/
const versionPattern = /^(.+\/secrets\/[^/]+)\/versions\/([A-Za-z0-9_-]{1,63})$/
const idPattern = /^(\d{1,19}|[a-z][a-z0-9.:-]{0,61}[a-z0-9])$/

/** Whether a text can be the id, or the number, of a project. */
export function isProjectId(text: string): boolean {
  return idPattern.test(text)
}

/** The name of a project, or of a location in one, as the service spells it. @throws {GcpError} for any other. */
export function parentName(settings: ProjectSettings, text = ''): string {
  const [, project, location = ''] = parentPattern.exec(text) ?? []
  if (project === undefined) throw malformed(text, 'projects/*] or [projects/*/locations/*')
  return `projects/${projectName(settings, project)}${location}`
}

/** @throws {GcpError} `INVALID_ARGUMENT` for what is no name of a secret. */
export function secretName(settings: ProjectSettings, text = ''): string {
  const [, parent, id] = secretPattern.exec(text) ?? []
  if (parent === undefined)
    throw malformed(text, 'projects/*/secrets/*] or [projects/*/locations/*/secrets/*')
  return `${parentName(settings, parent)}/secrets/${id}`
}

/** @throws {GcpError} `INVALID_ARGUMENT` for what is no name of a version. */
export function versionName(settings: ProjectSettings, text = ''): VersionName {
  const [, secret, version] = versionPattern.exec(text) ?? []
  if (secret === undefined || version === undefined) {
    throw malformed(text, 'projects/*/secrets/*/versions/*] or [projects/*/locations/*/secrets/*/versions/*')
  }
  return { secret: secretName(settings, secret), version }
}

/** Whether a secret, or a parent, is in a location of its own and not global. */
export function isRegional(name: string): boolean {
  return name.includes('/locations/')
}

/** The location of a regional name. */
export function locationOf(name: string): string {
  return name.split('/')[3] ?? ''
}

/** `projects/123456789012` of any name. */
export function consumerOf(name: string): string {
  return name.split('/').slice(0, 2).join('/')
}

function projectName({ projectNumbers, namesBy }: ProjectSettings, project: string): string {
  if (!isProjectId(project)) {
    throw new GcpError('INVALID_ARGUMENT', 'Invalid resource field value in the request.', {
      reason: {
        reason: 'RESOURCE_PROJECT_INVALID',
        domain: 'googleapis.com',
        metadata: { service: 'secretmanager.googleapis.com' },
      },
    })
  }
  if (namesBy === 'id') {
    return Object.entries(projectNumbers).find(([, number]) => number === project)?.[0] ?? project
  }
  if (Object.hasOwn(projectNumbers, project)) return projectNumbers[project] as string
  return /^\d+$/.test(project) ? project : derivedNumber(project)
}

/** Twelve digits, the same in every run. */
function derivedNumber(id: string): string {
  return String(100_000_000_000 + crc32c(Buffer.from(id)) * 200)
}

function malformed(text: string, format: string): GcpError {
  return invalidArgument(
    `The provided name [${text.slice(0, 300)}] does not match the expected format [${format}]`,
  )
}

import { type HttpRule, type Resource, type Rpc, rpcs } from './rpcs.js'

export interface Route {
  readonly rpc: Rpc
  /** The name of the resource, decoded segment by segment. */
  readonly name: string
}

const segment = '[^/]+'
/** A verb follows the last segment after a colon, which therefore can hold none. */
const last = '[^/:]+'

const templates: Readonly<Record<Resource, string>> = {
  project: `projects/${last}`,
  parent: `projects/${segment}(?:/locations/${last})?`,
  location: `projects/${segment}/locations/${last}`,
  secret: `projects/${segment}(?:/locations/${segment})?/secrets/${last}`,
  version: `projects/${segment}(?:/locations/${segment})?/secrets/${segment}/versions/${last}`,
}

const patterns = rpcs.map((rpc) => [patternOf(rpc.http), rpc] as const)

function patternOf({ resource, suffix }: HttpRule): RegExp {
  return new RegExp(`^/v1/(${templates[resource]})${suffix}$`)
}

/** `undefined` for a path, or a verb on it, that no method has. */
export function routeOf(method: string, path: string): Route | undefined {
  for (const [pattern, rpc] of patterns) {
    const name = rpc.http.verb === method ? pattern.exec(path)?.[1] : undefined
    if (name !== undefined) return { rpc, name: name.split('/').map(decode).join('/') }
  }
  return undefined
}

/** What is no percent-encoding stays as it is: no rule of names lets a `%` pass. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}

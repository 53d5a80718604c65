/** Stands for the SDK of some service: pages, keys without slashes, errors of its own. Replace it by yours. */
export class ToyClient {
  readonly #shelf = new Map<string, ToyVersion[]>()

  async read(key: string, id?: string): Promise<ToyVersion> {
    const versions = this.#versions(key)
    const found = id === undefined ? versions.at(-1) : versions.find((version) => version.id === id)
    return found ?? fail(404, 'NoSuchVersion')
  }

  async write(key: string, body: string, type: string): Promise<ToyVersion> {
    const versions = this.#shelf.get(key) ?? []
    const version = { id: `${versions.length + 1}`, body, type, at: Date.now() }
    this.#shelf.set(key, [...versions, version])
    return version
  }

  async history(key: string): Promise<readonly ToyVersion[]> {
    return this.#versions(key).toReversed()
  }

  async keys(after = ''): Promise<readonly string[]> {
    return [...this.#shelf.keys()]
      .toSorted()
      .filter((key) => key > after)
      .slice(0, 10)
  }

  async remove(key: string): Promise<void> {
    this.#versions(key)
    this.#shelf.delete(key)
  }

  #versions(key: string): readonly ToyVersion[] {
    return this.#shelf.get(key) ?? fail(404, 'NoSuchKey')
  }
}

export interface ToyVersion {
  readonly id: string
  readonly body: string
  readonly type: string
  readonly at: number
}

export class ToyError extends Error {
  readonly status: number
  readonly reason: string

  constructor(status: number, reason: string) {
    super(reason)
    this.status = status
    this.reason = reason
  }
}

export function fail(status: number, reason: string): never {
  throw new ToyError(status, reason)
}

export type InTurn = <T>(key: string, run: () => Promise<T>) => Promise<T>

/** Runs what is asked for under the same key one after the other, in the order in which it was asked for. */
export function inTurn(): InTurn {
  const last = new Map<string, Promise<void>>()
  return (key, run) => {
    const next = (last.get(key) ?? Promise.resolve()).then(run)
    const ended = (): void => {
      if (last.get(key) === done) last.delete(key)
    }
    const done = next.then(ended, ended)
    last.set(key, done)
    return next
  }
}

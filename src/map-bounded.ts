/** Runs a function over all items, at most `concurrency` at once, and settles every one. */
export async function mapBounded<Item, Result>(
  items: readonly Item[],
  concurrency: number,
  run: (item: Item) => Promise<Result>,
): Promise<PromiseSettledResult<Result>[]> {
  if (!Number.isInteger(concurrency) || concurrency < 1) throw new TypeError('concurrency must be 1 or more')
  const results: PromiseSettledResult<Result>[] = []
  const waiting = items.entries()
  const worker = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      const [settled] = await Promise.allSettled([run(item)])
      results[index] = settled
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker))
  return results
}

import type { Page } from '../operations.js'

/** The items after the one that the cursor names. */
export function pageOf<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  size: number,
  cursor: string | undefined,
): Page<Item> {
  const start = cursor === undefined ? 0 : items.findIndex((item) => keyOf(item) === cursor) + 1
  const page = items.slice(start, start + size)
  const last = page.at(-1)
  return last === undefined || start + size >= items.length
    ? { items: page }
    : { items: page, cursor: keyOf(last) }
}

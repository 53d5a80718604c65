import { runInWorlds } from '../model/schedules.js'

/** Runs schedules in slices, says how it goes, and whether all invariants hold. */
export async function runSchedules({
  schedules,
  seed,
}: {
  schedules: number
  seed: number
}): Promise<boolean> {
  const slice = 10_000
  for (let done = 0; done < schedules; done += slice) {
    const size = Math.min(slice, schedules - done)
    const { broken, ran } = await runInWorlds({ schedules: size, seed: seed + done })
    process.stdout.write(`schedules: ${done + ran} of ${schedules}, seed ${seed + done}\n`)
    if (broken === undefined) continue
    process.stdout.write(`${broken}\n`)
    return false
  }
  return true
}

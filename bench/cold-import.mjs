// What `import 'strongroom'` adds to the start of a process, beside an empty program and beside the SDK that it does not load.
import { spawnSync } from 'node:child_process'
import { medians, report } from './rounds.mjs'

/** @param {string} program */
const start = (program) => async () => {
  const since = performance.now()
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return performance.now() - since
}

report(
  await medians(
    {
      'an empty program': start(''),
      "import 'strongroom'": start("import 'strongroom'"),
      "import 'strongroom/memory'": start("import 'strongroom'; import 'strongroom/memory'"),
      "import '@aws-sdk/client-secrets-manager'": start("import '@aws-sdk/client-secrets-manager'"),
    },
    15,
  ),
  'ms',
)

import type { ConformanceCase } from '../case.js'
import { deleteCases } from './delete.js'
import { describeCases } from './describe.js'
import { discardCases } from './discard.js'
import { factCases } from './facts.js'
import { getCases } from './get.js'
import { listCases } from './list.js'
import { nameCases } from './names.js'
import { pendingCases } from './pending.js'
import { promoteCases } from './promote.js'
import { putCases } from './put.js'
import { putPreconditionCases } from './put-preconditions.js'
import { recordCases } from './records.js'
import { restoreCases } from './restore.js'
import { rollbackCases } from './rollback.js'
import { setVersionStateCases } from './set-version-state.js'
import { systemCases } from './system.js'
import { tagCases } from './tag.js'
import { traitCases } from './traits.js'
import { valueCases } from './values.js'
import { versionsCases } from './versions.js'

/** Every testable sentence of the provider contract. */
export const conformanceCases: readonly ConformanceCase[] = Object.freeze([
  ...factCases,
  ...nameCases,
  ...valueCases,
  ...getCases,
  ...putCases,
  ...putPreconditionCases,
  ...pendingCases,
  ...promoteCases,
  ...discardCases,
  ...describeCases,
  ...listCases,
  ...versionsCases,
  ...setVersionStateCases,
  ...tagCases,
  ...deleteCases,
  ...restoreCases,
  ...recordCases,
  ...rollbackCases,
  ...systemCases,
  ...traitCases,
])

import { wrongLifecycles } from './wrong-lifecycles.js'
import type { WrongProvider } from './wrong-provider.js'
import { wrongValues } from './wrong-values.js'

/** Deliberately wrong providers: each must be caught by the case that it names. */
export const wrongProviders: readonly WrongProvider[] = [...wrongValues, ...wrongLifecycles]

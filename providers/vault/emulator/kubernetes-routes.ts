import type { Routes } from './route.js'
export const kubernetesRoutes: Routes = []

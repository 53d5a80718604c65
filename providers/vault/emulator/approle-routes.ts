import type { Routes } from './route.js'
export const approleRoutes: Routes = []

import type { Routes } from './route.js'
export const jwtRoutes: Routes = []

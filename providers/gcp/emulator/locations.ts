import { notFound } from './errors.js'
import type { ListLocationsRequest, ListLocationsResponse, Location, NamedRequest } from './messages.js'
import type { World } from './model.js'
import { consumerOf, parentName } from './names.js'
import { pageOf } from './pages.js'

export function listLocations(world: World, request: ListLocationsRequest): ListLocationsResponse {
  const project = parentName(world.settings, request.name)
  const { locations } = world.settings
  const { pageSize, pageToken, filter } = request
  const page = pageOf(
    world,
    locations.map((id, index) => ({ id, order: locations.length - index })),
    ({ order }) => order,
    {
      parent: project,
      ...(pageSize === undefined ? {} : { pageSize }),
      ...(pageToken === undefined ? {} : { pageToken }),
      ...(filter === undefined ? {} : { filter }),
    },
  )
  const { nextPageToken } = page
  return {
    locations: page.items.map(({ id }) => locationOf(project, id)),
    ...(nextPageToken === undefined ? {} : { nextPageToken }),
  }
}

export function getLocation(world: World, { name }: NamedRequest): Location {
  const place = parentName(world.settings, name)
  const id = place.split('/')[3] ?? ''
  if (!world.settings.locations.includes(id)) throw notFound(`Location [${place}] not found.`)
  return locationOf(consumerOf(place), id)
}

function locationOf(project: string, locationId: string): Location {
  return { name: `${project}/locations/${locationId}`, locationId }
}

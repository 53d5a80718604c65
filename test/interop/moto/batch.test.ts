import { onMoto } from './on-moto.js'

onMoto('aws on moto, reading in batches', { batch: true })

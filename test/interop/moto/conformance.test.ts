import { onMoto } from './on-moto.js'

onMoto('aws on moto', { batch: false })

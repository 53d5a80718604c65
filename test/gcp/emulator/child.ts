import { gcpEmulator } from 'strongroom/gcp/emulator'

const [dataDir = ''] = process.argv.slice(2)
gcpEmulator({ dataDir }).then(({ restUrl }) => process.stdout.write(`${restUrl}\n`))

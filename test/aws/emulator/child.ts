import { awsEmulator } from 'strongroom/aws/emulator'

const [dataDir = ''] = process.argv.slice(2)
awsEmulator({ dataDir, maxVersions: 1_000_000 }).then(({ url }) => process.stdout.write(`${url}\n`))

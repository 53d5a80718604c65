// The least that a server on node:http does: reads the request, and answers what it is told at the start.
import { createServer } from 'node:http'

const body = process.argv[2] ?? '{}'
const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    response.writeHead(200, {
      'content-type': 'application/x-amz-json-1.1',
      'content-length': Buffer.byteLength(body),
    })
    response.end(body)
  })
})
process.on('message', () => {
  process.send?.({ cpuMicros: process.cpuUsage().user + process.cpuUsage().system })
})
process.on('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}` })
})

// A web server that holds a few files, for locations of type `url`.

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

/** Serves what is in `files` (path to text), with ETags. */
export async function serveFiles(files = new Map()) {
  const server = createServer((request, response) => {
    const text = files.get(new URL(request.url, 'http://files').pathname);
    if (text === undefined) {
      response.writeHead(404).end('no such file');
      return;
    }
    const etag = `"${createHash('sha256').update(text).digest('hex').slice(0, 16)}"`;
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, { etag }).end();
      return;
    }
    response.writeHead(200, { etag, 'content-type': 'application/yaml' }).end(text);
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${server.address().port}`;
  return {
    files,
    host,
    url: `http://${host}`,
    stop: () => new Promise(resolve => server.close(resolve).closeAllConnections()),
  };
}

/** A page of our own on localhost, for the tests of the harness itself. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export async function serve(html: string): Promise<{ url: string; server: Server }> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8').end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, server };
}

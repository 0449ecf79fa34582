import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** @internal A server that listens, and where. */
export interface ListeningServer {
  readonly server: Server;
  readonly origin: string;
}

/** @internal Listens on a port of 127.0.0.1; any that is free by default. */
export async function startServer(port = 0): Promise<ListeningServer> {
  // A connection that the server ends for idling while the client picks it is no fault that anybody injected.
  const server = createServer({ keepAliveTimeout: 0 });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** @internal Ends every connection and frees the port. */
export async function stopServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

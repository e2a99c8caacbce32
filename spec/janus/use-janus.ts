import { findJanus, howToGetJanus, JanusServer, type JanusServerOptions } from './janus-server.js';

let told = false;

/**
 * Janus servers for the specs of a file; what a spec starts ends with it. Without a Janus every spec is pending, and that
 * there is none is said once; with REQUIRE_JANUS=1 it is a failure.
 */
export function useJanus(): (options?: JanusServerOptions) => Promise<JanusServer> {
  const servers: JanusServer[] = [];

  beforeEach(() => {
    if (findJanus() !== null) return;
    if (!told) console.log(howToGetJanus);
    told = true;
    if (process.env['REQUIRE_JANUS'] === '1') throw new Error(howToGetJanus);
    pending(howToGetJanus);
  });

  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  return async (options) => {
    const server = await JanusServer.start(options);
    servers.push(server);
    return server;
  };
}

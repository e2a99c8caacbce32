/** The demo's room server in a process of its own: `server.ts <secret> <options as JSON>`; tells its parent its port, and who came in. */
import { createRoomServer, type RoomServerOptions } from '../../demo/server/room-server.js';

export type Told = { readonly port: number; readonly at: number } | { readonly joinedAt: number };

const [, , secret = '', options = '{}'] = process.argv;
const server = await createRoomServer({
  ...(JSON.parse(options) as RoomServerOptions),
  secret: Buffer.from(secret),
});
const tell = (told: Told): void => {
  process.send?.(told);
};
void server.events$.forEach(({ kind }) => {
  if (kind === 'joined' || kind === 'replaced') tell({ joinedAt: Date.now() });
});
tell({ port: server.port, at: Date.now() });

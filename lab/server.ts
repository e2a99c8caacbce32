/** What runs on the laboratory's server: the page, the demo's room server, and an echo for every peer. `tsx lab/server.ts <folder of the page>` */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { Server as SocketIoServer } from 'socket.io';
import { WebSocketServer } from 'ws';
import { createRoomServer } from '../demo/server/room-server.js';
import { addresses } from './cuts.js';
import { ports } from './ports.js';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Say where the page is.');

const host = addresses.server;
const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

createServer((request, response) => {
  const path = normalize(new URL(request.url ?? '/', 'http://lab').pathname);
  readFile(join(folder, path === '/' ? 'index.html' : path)).then(
    (body) => {
      response
        .writeHead(200, { 'content-type': types[extname(path === '/' ? '.html' : path)] ?? 'text/html' })
        .end(body);
    },
    () => {
      response.writeHead(404).end();
    },
  );
}).listen(ports.page, host);

await createRoomServer({ host, port: ports.room, allowedOrigins: [`http://${host}:${ports.page}`] });

const echo = new WebSocketServer({ host, port: ports.echo, perMessageDeflate: false });
echo.on('connection', (socket) => {
  socket.on('error', () => undefined);
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});

const socketIo = new SocketIoServer({ cors: { origin: '*' }, transports: ['websocket'] });
socketIo.on('connection', (socket) => {
  socket.on('echo', (data) => socket.emit('echo', data));
});
const socketIoHttp = createServer();
socketIo.attach(socketIoHttp);
socketIoHttp.listen(ports.socketIo, host, () => process.send?.('ready'));

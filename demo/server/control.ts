import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ControlAnswer, ControlCommand, DemoConfig, StateReport, UserEndpoints } from './control-api.js';
import type { Gate } from './gate.js';
import { readJson, send, type Answer } from './http.js';
import { readCommand, readReport } from './read-command.js';
import type { RoomServer } from './room-server.js';

export interface ControlOptions {
  readonly server: RoomServer;
  readonly gate: Gate;
  readonly room: string;
  readonly users: readonly string[];
  readonly onState: (report: StateReport) => void;
}

/** Answers what is meant for it; `false`: the request is somebody else's. */
export type Control = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

interface Route {
  readonly method: 'GET' | 'POST';
  readonly respond: (body: unknown) => Answer;
}

const longest = 2048;
const defaultDown = 2000;
const loopbackHosts = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/**
 * The page's controls, on the page's own origin and for this machine only. See `control-api.ts`.
 *
 * The Host is checked too, else any web page could come in under a name of its own that leads to 127.0.0.1.
 */
export function createControl({ server, gate, room, users, onState }: ControlOptions): Control {
  const endpoints = Object.fromEntries(
    users.map((user) => [user, endpointsOf(server.host, gate.signalPort(user) ?? 0)]),
  );

  const config = (): DemoConfig => ({
    room,
    users: endpoints,
    gate: gate.state,
    resumeWindow: server.resumeWindow,
    silenceLimit: server.silenceLimit,
  });

  /** Whether there was something to do it to. */
  const act = (command: ControlCommand): boolean => {
    switch (command.command) {
      case 'cut':
        return gate.cut(command.user, command);
      case 'lose':
        return gate.lose(command.user, command.share);
      case 'heal':
        return gate.heal(command.user);
      case 'kick':
        return server.kick(command.room ?? room, command.user);
      case 'closeRoom':
        return server.closeRoom(command.room ?? room);
      case 'restart':
        server.restart({ downFor: command.downFor ?? defaultDown }).catch((error: unknown) => {
          console.error('The room server did not come back:', error);
        });
        return true;
      case 'busy':
        server.setBusy(
          command.on && { ...(command.retryAfter === undefined ? {} : { retryAfter: command.retryAfter }) },
        );
        return true;
      case 'redispatch': {
        const endpoint =
          command.endpoint ?? (Object.hasOwn(endpoints, command.user) ? endpoints[command.user]?.signal : undefined);
        return endpoint !== undefined && server.redispatch(command.room ?? room, command.user, endpoint);
      }
    }
  };

  const routes: Readonly<Record<string, Route>> = {
    '/config': { method: 'GET', respond: () => ({ status: 200, body: config() }) },
    '/control': {
      method: 'POST',
      respond: (body) => {
        const command = readCommand(body);
        if (command === null) return { status: 400 };
        return { status: 200, body: { done: act(command), gate: gate.state } satisfies ControlAnswer };
      },
    },
    '/state': {
      method: 'POST',
      respond: (body) => {
        const report = readReport(body, users);
        if (report === null) return { status: 400 };
        onState(report);
        return { status: 204 };
      },
    },
  };

  return async (request, response) => {
    const path = request.url?.split('?', 1)[0] ?? '';
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (route === undefined) return false;
    if (!isOurs(request)) send(response, { status: 403 });
    else if (request.method !== route.method) send(response, { status: 405 });
    else send(response, route.respond(route.method === 'POST' ? await readJson(request, longest) : undefined));
    return true;
  };
}

const endpointsOf = (host: string, port: number): UserEndpoints => ({
  signal: `ws://${host}:${port}/`,
  token: `http://${host}:${port}/token`,
});

/** From this machine, by a loopback name, and by our own page or by no page at all. */
function isOurs({ headers, socket }: IncomingMessage): boolean {
  const address = socket.remoteAddress ?? '';
  const isLocal = address === '::1' || /^(::ffff:)?127\./.test(address);
  if (!isLocal || headers.host === undefined || !loopbackHosts.test(headers.host)) return false;
  return headers.origin === undefined || headers.origin === `http://${headers.host}`;
}

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface JanusConfiguration {
  /** The only address that it listens at, for signalling and for media. */
  readonly host: string;
  readonly port: number;
  /** A Unix socket for the admin API. @defaultValue none */
  readonly adminSocket?: string;
  /** Seconds without a request before a session is over. @defaultValue 60 */
  readonly sessionTimeout?: number;
  /** Seconds that a session outlives its socket. @defaultValue 5 */
  readonly reclaimTimeout?: number;
  /** Lines of the `general` part of its configuration. */
  readonly general?: readonly string[];
  /** Candidates travel one by one in both directions. */
  readonly fullTrickle?: boolean;
  /** @defaultValue the VideoRoom */
  readonly plugins?: readonly string[];
  /** Rooms by number, with the lines of their configuration. @defaultValue 1234, as Debian has it */
  readonly rooms?: Readonly<Record<number, readonly string[]>>;
}

/** Debian's folders; another place for the plugins may be named. */
const libraries = process.env['JANUS_LIBRARIES'] ?? '/usr/lib/x86_64-linux-gnu/janus';

/** Writes the files that `janus -F <folder>` reads. */
export function writeConfiguration(folder: string, options: JanusConfiguration): void {
  for (const [name, text] of Object.entries(configuration(folder, options))) writeFileSync(join(folder, name), text);
}

function configuration(folder: string, options: JanusConfiguration): Record<string, string> {
  const { host, port, adminSocket, sessionTimeout = 60, reclaimTimeout = 5, general = [], fullTrickle = false } = options;
  const { plugins = ['videoroom'], rooms = { 1234: ['publishers = 6'] } } = options;
  return {
    'janus.jcfg': `general: {
  configs_folder = "${folder}"
  plugins_folder = "${libraries}/plugins"
  transports_folder = "${libraries}/transports"
  events_folder = "${libraries}/events"
  loggers_folder = "${libraries}/loggers"
  session_timeout = ${sessionTimeout}
  reclaim_session_timeout = ${reclaimTimeout}
  ${general.join('\n  ')}
}
nat: {
  ice_enforce_list = "${host}"
  full_trickle = ${fullTrickle}
}
plugins: { disable = "${allBut('plugins', plugins)}" }
transports: { disable = "${allBut('transports', ['websockets'])}" }
`,
    'janus.transport.websockets.jcfg': `general: {
  json = "compact"
  ws = true
  ws_port = ${port}
  ws_ip = "${host}"
  wss = false
}
${adminSocket === undefined ? '' : `admin: {\n  admin_ws = true\n  admin_ws_unix = "${adminSocket}"\n}\n`}`,
    'janus.plugin.videoroom.jcfg': Object.entries(rooms)
      .map(([room, lines]) => `room-${room}: {\n  ${['secret = "adminpwd"', ...lines].join('\n  ')}\n}\n`)
      .join(''),
  };
}

const allBut = (kind: 'plugins' | 'transports', names: readonly string[]): string =>
  readdirSync(join(libraries, kind))
    .filter((file) => file.endsWith('.so') && !names.some((name) => file.includes(name)))
    .join(',');

import { knownOptions } from '../core/options.js';

/** What a server wants to hear before it lets us in. Secrets: they are sent, and appear nowhere else. */
export interface JanusCredentials {
  /** The room's pin. */
  readonly pin?: string;
  /** The room's token for us (`allowed` of VideoRoom). */
  readonly token?: string;
  /** The server's `api_secret`. */
  readonly apiSecret?: string;
  /** The server's token for us (`token_auth`). */
  readonly apiToken?: string;
}

/** The members of requests that carry them. */
export interface JanusAccess {
  /** Of every request. */
  readonly server: Readonly<Record<string, string>>;
  /** Of a join. */
  readonly room: Readonly<Record<string, string>>;
}

/** @throws {TypeError} naming the member that is unknown or no string; what it is instead is not repeated. */
export function accessOf(credentials: JanusCredentials): JanusAccess {
  knownOptions(OWNER, credentials, names);
  const member = (name: keyof JanusCredentials, as: string): Readonly<Record<string, string>> => {
    const value: unknown = credentials[name];
    if (value === undefined) return {};
    if (typeof value !== 'string') throw new TypeError(`${OWNER}: ${name} must be a string`);
    return { [as]: value };
  };
  return {
    server: { ...member('apiSecret', 'apisecret'), ...member('apiToken', 'token') },
    room: { ...member('pin', 'pin'), ...member('token', 'token') },
  };
}

const OWNER = 'janusTransport: credentials';

const names: readonly string[] = ['pin', 'token', 'apiSecret', 'apiToken'] satisfies (keyof JanusCredentials)[];

import { readOptions, type Read } from '../core/options/options.js';
import { shownSecret, wrongType } from '../core/options/wrong.js';

/** What a server asks for before it lets us in. Secrets: they are sent, and appear nowhere else. */
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
  const { pin, token, apiSecret, apiToken } = readOptions<Read<JanusCredentials, keyof JanusCredentials>>(
    'janusTransport: credentials',
    credentials,
    {
      pin: [aSecret, undefined],
      token: [aSecret, undefined],
      apiSecret: [aSecret, undefined],
      apiToken: [aSecret, undefined],
    },
  );
  return {
    server: {
      ...(apiSecret !== undefined && { apisecret: apiSecret }),
      ...(apiToken !== undefined && { token: apiToken }),
    },
    room: { ...(pin !== undefined && { pin }), ...(token !== undefined && { token }) },
  };
}

function aSecret(name: string, value: unknown): string {
  if (typeof value !== 'string') throw wrongType(name, 'a string', value, shownSecret);
  return value;
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { readJson, send, type Answer } from './http.js';
import { isName, isRecord } from './read-frame.js';
import { signToken } from './token.js';

export interface TokenEndpointOptions {
  readonly secret: Buffer;
  readonly tokenLifetime: number;
  readonly isAllowedOrigin: (origin: string | undefined) => boolean;
}

const longest = 1024;

/** `POST /token {room, user}` → `{token, expiresAt}`, also for a page of another, allowed origin. */
export async function answerHttp(
  request: IncomingMessage,
  response: ServerResponse,
  options: TokenEndpointOptions,
): Promise<void> {
  const { origin } = request.headers;
  if (origin !== undefined && options.isAllowedOrigin(origin)) {
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('access-control-allow-headers', 'content-type');
    response.setHeader('vary', 'origin');
  }
  send(response, await decide(request, options));
}

async function decide(
  request: IncomingMessage,
  { secret, tokenLifetime, isAllowedOrigin }: TokenEndpointOptions,
): Promise<Answer> {
  if (request.url !== '/token') return { status: 404 };
  if (!isAllowedOrigin(request.headers.origin)) return { status: 403 };
  if (request.method === 'OPTIONS') return { status: 204 };
  if (request.method !== 'POST') return { status: 405 };
  const claims = await readJson(request, longest);
  if (!isRecord(claims)) return { status: 400 };
  const { room, user } = claims;
  if (!isName(room) || !isName(user)) return { status: 400 };
  const expiresAt = Date.now() + tokenLifetime;
  return { status: 200, body: { token: signToken({ room, user, exp: expiresAt }, secret), expiresAt } };
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse } from './read-frame.js';

export interface Answer {
  readonly status: number;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** The body as JSON; `undefined` when it is none or longer than `most` bytes. */
export async function readJson(request: IncomingMessage, most: number): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > most) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined; // the client went away
  }
  return parse(Buffer.concat(chunks).toString());
}

export function send(response: ServerResponse, { status, body }: Answer): void {
  response.statusCode = status;
  response.setHeader('cache-control', 'no-store');
  if (body === undefined) {
    response.end();
    return;
  }
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(body));
}

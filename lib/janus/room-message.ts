import { isFields, isId, isText, listOf } from './guards.js';
import { JanusFrameError } from './janus-frame-error.js';
import type { JanusId } from './janus-request.js';

/** Someone in the room. */
export interface Person {
  readonly id: JanusId;
  readonly display: string | undefined;
  /** The mids of what they publish; absent where the server does not say. */
  readonly mids: readonly string[] | undefined;
  /** Whether they publish, in a list of everybody. */
  readonly publisher: boolean;
}

/** What flows in one m-line of a subscription, and whose it is. */
export interface SubscribedStream {
  /** Of our peer connection. */
  readonly mid: string;
  readonly active: boolean;
  readonly feed: JanusId | undefined;
  /** Of theirs. */
  readonly feedMid: string | undefined;
}

/** What VideoRoom says, rebuilt from what is used of it. */
export interface RoomMessage {
  readonly videoroom: string;
  readonly errorCode: number | undefined;
  readonly id: JanusId | undefined;
  readonly privateId: number | undefined;
  readonly publishers: readonly Person[] | undefined;
  /** Those who do not publish; only rooms with `notify_joining` list them. */
  readonly attendees: readonly Person[] | undefined;
  readonly participants: readonly Person[] | undefined;
  readonly joining: Person | undefined;
  readonly streams: readonly SubscribedStream[] | undefined;
  /** `ok` is about ourselves. */
  readonly leaving: JanusId | undefined;
  readonly unpublished: JanusId | undefined;
  readonly kicked: JanusId | undefined;
  readonly reason: string | undefined;
}

/** Reads the `data` of a VideoRoom frame. Pure; never throws. The error names the member that is wrong. */
export function readRoomMessage(data: unknown): RoomMessage | JanusFrameError {
  const fields = isFields(data) ? data : {};
  let wrong: string | undefined;
  const read = <T>(key: string, reader: (value: unknown) => T | undefined): T | undefined => {
    const value = fields[key] ?? undefined;
    const known = value === undefined ? undefined : reader(value);
    if (value !== known && known === undefined) wrong ??= key;
    return known;
  };
  const videoroom = read('videoroom', text);
  const message = {
    errorCode: read('error_code', integer),
    id: read('id', id),
    privateId: read('private_id', integer),
    publishers: read('publishers', people),
    attendees: read('attendees', people),
    participants: read('participants', people),
    joining: read('joining', person),
    // A publisher's answer has streams of another kind, and we know what we publish.
    streams: videoroom === 'attached' || videoroom === 'updated' ? read('streams', streams) : undefined,
    leaving: read('leaving', id),
    unpublished: read('unpublished', id),
    kicked: read('kicked', id),
    reason: read('reason', text),
  };
  return videoroom === undefined || wrong !== undefined
    ? new JanusFrameError(`event: ${wrong ?? 'videoroom'}`)
    : { videoroom, ...message };
}

const text = (value: unknown): string | undefined => (isText(value) ? value : undefined);
const id = (value: unknown): JanusId | undefined => (isId(value) ? value : undefined);
const integer = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
const people = (value: unknown): readonly Person[] | undefined => listOf(value, person);
const streams = (value: unknown): readonly SubscribedStream[] | undefined => listOf(value, stream);

function person(value: unknown): Person | undefined {
  if (!isFields(value) || !isId(value['id'])) return undefined;
  const { id, display, streams, publisher } = value;
  const mids = listOf(streams ?? [], midOf);
  if (mids === undefined) return undefined;
  return {
    id,
    display: text(display),
    mids: streams == null ? undefined : mids.filter((mid) => mid !== ''),
    publisher: publisher === true,
  };
}

/** Of a stream that somebody publishes; empty for one that they have disabled. */
function midOf(value: unknown): string | undefined {
  if (!isFields(value) || !isText(value['mid'])) return undefined;
  return value['disabled'] === true ? '' : value['mid'];
}

function stream(value: unknown): SubscribedStream | undefined {
  if (!isFields(value) || !isText(value['mid'])) return undefined;
  const { mid, active, feed_id, feed_mid } = value;
  return { mid, active: active !== false, feed: id(feed_id), feedMid: text(feed_mid) };
}

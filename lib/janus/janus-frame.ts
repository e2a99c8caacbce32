import { isFields, isId, isText, type Fields } from './guards.js';
import { JanusFrameError } from './janus-frame-error.js';
import { readRoomMessage, type RoomMessage } from './room-message.js';
import type { JanusCandidate, JanusId, Jsep } from './janus-request.js';

/** What a frame says, beside whose it is. */
type Said =
  /** `id` is that of the session or the handle that was made. */
  | { readonly janus: 'success'; readonly id: JanusId | undefined; readonly room: RoomMessage | undefined }
  | { readonly janus: 'event'; readonly room: RoomMessage; readonly jsep: Jsep | undefined }
  | { readonly janus: 'trickle'; readonly candidate: JanusCandidate }
  | { readonly janus: 'error'; readonly code: number }
  | { readonly janus: 'ack' | 'hangup' | 'detached' | 'timeout' | 'ignored' }
  | { readonly janus: 'malformed'; readonly error: JanusFrameError };

/** A frame of the server that passed its guard, rebuilt from what is used of it. */
export type JanusFrame = Said & {
  /** Of the request that it answers; absent for news. */
  readonly transaction: string | undefined;
  readonly session: JanusId | undefined;
  /** The handle that it is from. */
  readonly sender: JanusId | undefined;
};

/** Reads a frame. Pure; never throws. One that is malformed still says which request it would have answered. */
export function readJanusFrame(value: unknown): JanusFrame {
  const fields = isFields(value) ? value : {};
  const { transaction, session_id, sender } = fields;
  const said = readSaid(fields);
  return {
    ...(said instanceof JanusFrameError ? { janus: 'malformed', error: said } : said),
    transaction: isText(transaction) ? transaction : undefined,
    session: isId(session_id) ? session_id : undefined,
    sender: isId(sender) ? sender : undefined,
  };
}

function readSaid(fields: Fields): Said | JanusFrameError {
  const { janus } = fields;
  switch (janus) {
    case 'success':
      return readSuccess(fields);
    case 'event':
      return readEvent(fields);
    case 'trickle':
      return readTrickle(fields['candidate']);
    case 'error': {
      const { error } = fields;
      const code = isFields(error) ? error['code'] : undefined;
      return typeof code === 'number' ? { janus, code } : new JanusFrameError('error: code');
    }
    case 'ack':
    case 'hangup':
    case 'detached':
    case 'timeout':
      return { janus };
    case 'pong':
    case 'webrtcup':
    case 'media':
    case 'slowlink':
      return { janus: 'ignored' };
    default:
      return new JanusFrameError('of no known kind');
  }
}

function readSuccess({ data, plugindata }: Fields): Said | JanusFrameError {
  const id = isFields(data) ? data['id'] : undefined;
  if (id !== undefined && !isId(id)) return new JanusFrameError('success: id');
  const room = isFields(plugindata) ? readRoomMessage(plugindata['data']) : undefined;
  return room instanceof JanusFrameError ? room : { janus: 'success', id, room };
}

function readEvent({ plugindata, jsep, sender }: Fields): Said | JanusFrameError {
  if (!isId(sender)) return new JanusFrameError('event: sender');
  const room = readRoomMessage(isFields(plugindata) ? plugindata['data'] : undefined);
  if (room instanceof JanusFrameError) return room;
  if (jsep === undefined) return { janus: 'event', room, jsep };
  const { type, sdp } = isFields(jsep) ? jsep : {};
  if ((type !== 'offer' && type !== 'answer') || !isText(sdp)) return new JanusFrameError('event: jsep');
  return { janus: 'event', room, jsep: { type, sdp } };
}

function readTrickle(value: unknown): Said | JanusFrameError {
  if (!isFields(value)) return new JanusFrameError('trickle: candidate');
  const { completed, candidate, sdpMid, sdpMLineIndex } = value;
  if (completed === true) return { janus: 'trickle', candidate: { completed } };
  if (!isText(candidate)) return new JanusFrameError('trickle: candidate');
  return {
    janus: 'trickle',
    candidate: {
      candidate,
      ...(isText(sdpMid) && { sdpMid }),
      ...(typeof sdpMLineIndex === 'number' && { sdpMLineIndex }),
    },
  };
}

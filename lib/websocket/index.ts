export { ChannelClosedError } from './channel-closed-error.js';
export { ChannelOpenError } from './channel-open-error.js';
export { excuseLoss } from './excuse-loss.js';
export { FrameError } from './frame-error.js';
export { OpeningLimitError } from './opening-limit-error.js';
export { ProbeError } from './probe-error.js';
export { reopen } from './reopen.js';
export { webSocketChannel } from './web-socket-channel.js';
export type { SocketClose } from './channel-closed-error.js';
export type { ExcuseLossOptions } from './excuse-loss.js';
export type { FrameProblem } from './frame-error.js';
export type { ChannelHeartbeat, WebSocketChannel } from './live-channel.js';
export type { ReopenOptions } from './reopen.js';
export type { WebSocketChannelOptions } from './web-socket-channel.js';
export type {
  WebSocketLike,
  WebSocketLikeEvent,
  WebSocketLikeEventType,
  WebSocketLikeListener,
} from './web-socket-like.js';

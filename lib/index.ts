export type { Attempt, AttemptKind, Cause } from './core/machine/attempt.js';
export { AttemptLimitError } from './core/recovery/attempt-limit-error.js';
export type { CloseReason } from './core/machine/close-reason.js';
export {
  reasonCodes,
  reasonOfCode,
  stateCodes,
  stateOfCode,
  type Connected,
  type Connecting,
  type ConnectionState,
  type Disconnected,
  type DisconnectedReason,
  type Failed,
  type ReasonCode,
  type ReasonName,
  type Reconnecting,
  type StateCode,
  type StateName,
} from './core/machine/connection-state.js';
export { DeadlineExceededError } from './core/recovery/deadline-exceeded-error.js';
export { defaultSchedule, whenBusy, whenUnreachable } from './core/default-schedule.js';
export { down, sameHealth, UP, worstHealth, type Down, type Health } from './core/machine/health.js';
export { honouringServer } from './core/honouring-server.js';
export { LinkEndedError } from './core/machine/link-ended-error.js';
export type { Progress } from './core/machine/progress.js';
export type { RoomEvent } from './core/machine/room-event.js';
export { ScheduleError } from './core/schedule/schedule-error.js';
export { both, capped, either, jittered, times } from './core/schedule/schedule-combinators.js';
export {
  exponential,
  giveUp,
  immediate,
  spaced,
  type AttemptContext,
  type Schedule,
} from './core/schedule/schedule.js';
export {
  foldUsers,
  leaveReasons,
  type LeaveCode,
  type LeaveReason,
  type RoomUsers,
  type User,
  type UserChange,
  type UserReport,
} from './core/users/users.js';
export { notices } from './core/recovery/notices.js';
export { verdicts } from './core/recovery/verdicts.js';
export type { Busy, ServerNotice, Verdict } from './core/recovery/verdict.js';
export { combineHealth, type CombineHealthOptions } from './operators/combine-health.js';
export { heartbeat, type HeartbeatOptions } from './operators/heartbeat.js';
export { hedged, type HedgedOptions } from './operators/hedged.js';
export { reconnect, type ReconnectOptions } from './operators/reconnect.js';
export { settle, type SettleOptions } from './operators/settle.js';
export { browserLeave, browserWake, type Wake } from './room/browser.js';
export { countdownOf, type Countdown, type CountdownOptions } from './room/countdown-of.js';
export type { Drift } from './room/known-sleep.js';
export { createRoom } from './room/create-room.js';
export { deriveConnectionState, type DeriveOptions } from './room/derive-connection-state.js';
export { logRoom, type LogRoomOptions } from './room/log-room.js';
export { NotConnectedError } from './room/not-connected-error.js';
export { roomConnection } from './room/room-connection.js';
export type { RoomOptions } from './room/room-options.js';
export type { Room, RoomError, RoomSnapshot } from './room/room.js';
export type { RoomLink, RoomTransport } from './room/transport.js';
export { usersOf, type UsersOfOptions } from './room/users-of.js';
export { whenConnected } from './room/when-connected.js';

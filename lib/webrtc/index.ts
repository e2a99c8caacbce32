export { IceRestartError } from './ice-restart-error.js';
export { peerConnectionHealth } from './peer-connection-health.js';
export { restartIce } from './restart-ice.js';
export type { IceRestartProblem } from './ice-restart-error.js';
export type { PeerConnectionHealthOptions, PeerConnectionLike } from './peer-connection-health.js';
export type { StatsReportLike } from './read-stats.js';
export type { RestartablePeer } from './restart-ice.js';

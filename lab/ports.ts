/** Of the laboratory's server. Nobody else is in its namespace. */
export const ports = { page: 8080, room: 8081, echo: 8082, socketIo: 8083, janus: 8188 } as const;

/** The herd in a process of its own: `clients.ts <options> <server program>`, both as JSON, tells its parent what became of it. */
import { socketHerd, type SocketHerdOptions } from './herd.js';

const [, , options = '', program = ''] = process.argv;
process.send?.(await socketHerd(JSON.parse(options) as SocketHerdOptions, JSON.parse(program) as string));

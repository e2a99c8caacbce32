import { spawn } from 'node:child_process';

export interface RunResult {
  /** The exit code; `null` when it was killed. */
  readonly code: number | null;
  /** Standard output and standard error, in the order they came. */
  readonly output: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Also shows the output while it comes. */
  readonly show?: boolean;
  /** Kills the command and everything it started. */
  readonly signal?: AbortSignal;
  /** Lets the command end by itself when this process is interrupted: it has something to clean up. */
  readonly cleansUp?: boolean;
}

/** Runs a command to its end and never rejects. */
export function run(
  command: string,
  args: readonly string[],
  { cwd, env, show = false, signal, cleansUp = false }: RunOptions = {},
): Promise<RunResult> {
  return new Promise((resolve) => {
    // A process group of its own: a kill reaches the grandchildren (a dev server, a browser) as well.
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
      if (show) process.stdout.write(chunk);
    };
    const kill = (): void => {
      if (child.pid !== undefined) killGroup(child.pid, 'SIGKILL');
    };
    const interrupt = (): void => {
      if (child.pid !== undefined) killGroup(child.pid, cleansUp ? 'SIGTERM' : 'SIGKILL');
      process.exit(130);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    signal?.addEventListener('abort', kill);
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    const end = (code: number | null): void => {
      signal?.removeEventListener('abort', kill);
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      resolve({ code, output });
    };
    child.on('error', (error) => {
      output += error.message;
      end(null);
    });
    child.on('close', end);
  });
}

/** Runs a TypeScript file or a script of node_modules in a Node of its own. */
export const runNode = (args: readonly string[], options?: RunOptions): Promise<RunResult> =>
  run(process.execPath, ['--import', 'tsx', ...args], options);

function killGroup(pid: number, signal: 'SIGKILL' | 'SIGTERM'): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended already.
  }
}

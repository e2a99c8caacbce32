import { execFileSync, spawn, type ChildProcess } from 'node:child_process';

/** A network namespace: a machine of its own, as far as the network goes. */
export interface Namespace {
  readonly name: string;
  /** Runs shell commands inside, one after the other; rejects with what the first that fails says. */
  run(...commands: readonly string[]): Promise<void>;
  /** Ends every process inside, then the namespace. Synchronous, so that it works while this process ends. */
  remove(): void;
}

/**
 * Makes a namespace with one shell waiting in it: a command takes a millisecond or two, where entering the namespace
 * anew for each would take twenty, and a cut in three namespaces is to be one moment.
 */
export function createNamespace(name: string): Namespace {
  execFileSync('ip', ['netns', 'add', name], { stdio: 'pipe' });
  const shell = spawn('ip', ['netns', 'exec', name, 'bash', '--norc'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const asked: { readonly resolve: () => void; readonly reject: (error: Error) => void; readonly what: string }[] = [];
  let said = '';
  let complaints = '';

  shell.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  shell.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    for (let end = said.indexOf('\n'); end >= 0; end = said.indexOf('\n')) {
      const code = said.slice(0, end);
      said = said.slice(end + 1);
      const question = asked.shift();
      if (code === '0') question?.resolve();
      // What it complained about may come on the other pipe a moment later.
      else setTimeout(() => question?.reject(new Error(`in ${name}: ${question.what}: ${complaints.trim()}`)), 20);
    }
  });
  shell.on('close', () => {
    for (const { reject } of asked.splice(0)) reject(new Error(`the shell in ${name} has ended`));
  });

  return {
    name,
    run: (...commands) =>
      new Promise((resolve, reject) => {
        if (commands.length === 0) {
          resolve();
          return;
        }
        const what = commands.join(' && ');
        asked.push({ resolve, reject, what });
        shell.stdin.write(`{ ${what}; } >&2; echo $?\n`);
      }),
    remove: () => removeNamespace(name, shell),
  };
}

/** Also for one that another run left behind. */
export function removeNamespace(name: string, shell?: ChildProcess): void {
  shell?.kill('SIGKILL');
  for (const pid of processesIn(name)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }
  try {
    execFileSync('ip', ['netns', 'delete', name], { stdio: 'pipe' });
  } catch {
    // It is gone already.
  }
}

export const namespaceNames = (): string[] =>
  execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => name !== '');

function processesIn(name: string): number[] {
  try {
    return execFileSync('ip', ['netns', 'pids', name], { encoding: 'utf8', stdio: 'pipe' })
      .split('\n')
      .filter((line) => line !== '')
      .map(Number);
  } catch {
    return [];
  }
}

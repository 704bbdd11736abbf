import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The program that was built, unless another is named. */
const KAIROS = process.env.KAIROS ?? fileURLToPath(new URL('../../../../target/debug/kairos', import.meta.url));

/** The real program, in a folder and on a port of its own, with nothing of this process's environment. */
export class Program {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    /** Where it listens. */
    readonly url: string,
  ) {}

  static async start(): Promise<Program> {
    const folder = await mkdtemp(join(tmpdir(), 'kairos-client-'));
    const child = spawn(KAIROS, ['serve'], {
      cwd: folder,
      env: { PORT: '0', LOG: 'warn' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: child.stdout! })) {
      const url = /listens on (http:\S+)/.exec(line)?.[1];
      if (url) {
        return new Program(child, folder, url);
      }
    }
    throw new Error(`${KAIROS} ended before it listened`);
  }

  async stop(): Promise<void> {
    this.child.kill();
    await once(this.child, 'exit');
    await rm(this.folder, { recursive: true });
  }

  /** The token in a mail to an address, as soon as it has come. */
  async mailedToken(address: string, page: string): Promise<string> {
    const outbox = join(this.folder, 'data', 'outbox');
    for (let tries = 0; tries < 500; tries += 1) {
      const names = await readdir(outbox).catch(() => []);
      // A mail that is being written has another name.
      for (const name of names.filter((name) => name.endsWith('.eml'))) {
        const mail = await readFile(join(outbox, name), 'utf8');
        const token = new RegExp(`/${page}\\?token=([\\w.-]+)`).exec(mail)?.[1];
        if (mail.includes(`To: ${address}`) && token) {
          return token;
        }
      }
      await setTimeout(20);
    }
    throw new Error(`no mail to ${address} has come`);
  }
}

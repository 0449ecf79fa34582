import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { CognigyTenant, Cxone } from 'agent-assist-sdk/testing';

/** All that a program gets of this process's environment; the cache of compiled code spares its start some work. */
export const inherited: Readonly<Record<string, string | undefined>> = {
  PATH: process.env['PATH'],
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
};

/** What an example wrote, and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs an example to its end, with these lines as its standard input. */
export async function runExample(
  name: string,
  { args = [], env = {}, input = '' }: { args?: readonly string[]; env?: Record<string, string>; input?: string } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [`examples/${name}.ts`, ...args], {
    env: { ...inherited, NO_COLOR: '1', PORT: '0', ...env },
  });
  child.stdin.on('error', () => undefined).end(input);
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, out, err };
}

/** The environment that leads an example to an emulated installation of another process, or of this one. */
export function cognigyEnvironment(tenant: CognigyTenant): Record<string, string> {
  const { origin, apiKey, project, flow, restEndpoint, knowledgeEndpoint, socketEndpoint } = tenant;
  return {
    COGNIGY_API_HOST: origin,
    COGNIGY_ENDPOINT_HOST: origin,
    COGNIGY_API_KEY: apiKey,
    COGNIGY_PROJECT_ID: project.projectId,
    COGNIGY_FLOW_ID: flow.referenceId,
    COGNIGY_LOCALE_ID: project.localeReferenceId,
    COGNIGY_URL_TOKEN: restEndpoint.urlToken,
    COGNIGY_SEARCH_URL_TOKEN: knowledgeEndpoint.urlToken,
    COGNIGY_SOCKET_URL_TOKEN: socketEndpoint.urlToken,
  };
}

/** The same for an emulated CXone, whose hosts are one here. */
export function cxoneEnvironment({ credentials, hosts, notificationUrl, expertKeys }: Cxone): Record<string, string> {
  return {
    CXONE_ISSUER: hosts.issuer,
    CXONE_API_URL: hosts.api,
    CXONE_DFO_URL: hosts.dfo,
    CXONE_STREAM_URL: notificationUrl,
    CXONE_CLIENT_ID: credentials.clientId,
    CXONE_CLIENT_SECRET: credentials.clientSecret,
    CXONE_ACCESS_KEY_ID: credentials.accessKey.id,
    CXONE_ACCESS_KEY_SECRET: credentials.accessKey.secret,
    CXONE_EXPERT_SITE: hosts.expert,
    CXONE_EXPERT_BROWSER_KEY: expertKeys.browserKey,
    CXONE_CONTACT_IDS: '30001',
  };
}

/** An example that runs until it is stopped. */
export interface Running extends AsyncDisposable {
  /** Everything that it wrote. */
  output(): string;
  /** The first line that matches, once it is written. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves with its exit code. */
  readonly exited: Promise<number | null>;
  /** Ends it as Ctrl-C does. */
  interrupt(): Promise<number | null>;
}

/** Starts an example. Its standard input gets these lines and stays open. */
export function startExample(name: string, env: Record<string, string>, input = ''): Running {
  const child = spawn(process.execPath, [`examples/${name}.ts`], {
    env: { ...inherited, NO_COLOR: '1', PORT: '0', ...env },
  });
  child.stdin.on('error', () => undefined).write(input);
  let written = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      written += text;
      child.emit('written');
    });
  }
  const exited = once(child, 'close').then(([code]) => code as number | null);
  return {
    output: () => written,
    exited,
    line: async (pattern) => {
      for (;;) {
        const found = pattern.exec(written.slice(0, written.lastIndexOf('\n') + 1));
        if (found !== null) return found;
        const code = await Promise.race([once(child, 'written'), exited]);
        if (!Array.isArray(code)) throw new Error(`the example ended with ${code ?? 'a signal'}: ${written}`);
      }
    },
    interrupt: () => {
      child.kill('SIGINT');
      return exited;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { build } from 'esbuild';
import { findVendorPart } from '../../helpers/vendors.js';

/** Something to subscribe to, as the vendor's SDK offers it. */
interface Observable {
  subscribe(listener: (value: unknown) => void): unknown;
}

interface Subscription {
  readonly webSocketUri: string;
  readonly contactId: string;
  readonly providerId?: string;
  readonly subscriptions: readonly string[];
}

/** Tokens as the vendor's SDK hands them out. */
export interface VendorToken {
  readonly accessToken: string;
  readonly idToken: string;
  readonly refreshToken: string;
  readonly expiresIn: number;
}

interface Auth {
  init(settings: Readonly<Record<string, string>>): void;
  getAuthorizeUrl(display: string, method: string): Promise<string>;
  getAccessTokenByCode(request: { readonly clientId: string; readonly code: string }): Promise<VendorToken>;
  getAccessTokenByToken(request: { readonly accessToken: string }): Promise<VendorToken>;
  getRefreshToken(): Promise<unknown>;
  getAuthToken(): VendorToken;
  readonly onAuthStatusChange: Observable;
  getCXoneConfig(): Readonly<Record<string, string>>;
}

interface Copilot {
  setAgentAssistConfig(contactId: string, config: string): void;
  search(query: string, contactId: string): Promise<unknown>;
  healthCheck(contactId: string): Promise<unknown>;
  sendGuidanceFeedback(feedback: readonly object[]): Promise<unknown>;
  generateFinalSummary(contactId: string, status: string): Promise<unknown>;
}

interface NotificationClient {
  connect(url: string): void;
  subscribe(subscription: Subscription): void;
  readonly onMessageNotification: Observable;
}

/** What the suite uses of the vendor's SDK. */
export interface VendorSdk {
  readonly auth: { readonly CXoneAuth: { readonly instance: Auth } };
  readonly common: { readonly CXoneLeaderElector: { readonly instance: { isActiveLeader: boolean } } };
  readonly core: { readonly StorageKeys: { readonly FOCUSED_CONTACT_ID: string } };
  readonly agent: {
    readonly CopilotService: new () => Copilot;
    readonly CopilotNotificationClient: new () => NotificationClient;
  };
  readonly AgentAssistWSService: new () => NotificationClient & {
    initWebSocketWorker(name: string): void;
    readonly agentAssistProcessorService: { readonly onRtigStateUpdatePayload: Observable };
  };
  readonly AutoSummaryService: new () => {
    subscribe(subscription: Subscription): void;
    readonly onAutoSummaryReceived: Observable;
  };
  readonly CustomerCardService: new () => {
    searchCustomer(text: string, without: readonly string[]): Promise<unknown>;
  };
}

const AGENT_SDK = '@nice-devone/agent-sdk';
const parts = [AGENT_SDK, '@nice-devone/auth-sdk', '@nice-devone/core-sdk', '@nice-devone/common-sdk', 'yup', 'rxjs-6'];

const entry = `
  export * as agent from '${AGENT_SDK}';
  export * as auth from '@nice-devone/auth-sdk';
  export * as core from '@nice-devone/core-sdk';
  export * as common from '@nice-devone/common-sdk';
  export { AgentAssistWSService } from '${AGENT_SDK}/src/lib/agent-assist/agent-assist-ws-service.js';
  export { AutoSummaryService } from '${AGENT_SDK}/src/lib/auto-summary/auto-summary-service.js';
  export { CustomerCardService } from '${AGENT_SDK}/src/lib/customer-card/service/customer-card-service.js';
`;

/** Whether the vendor's packages are installed. */
export const hasVendorSdk = parts.map((name) => findVendorPart(name)).every((place) => place !== undefined);

let bundled: Promise<Script> | undefined;

/** The vendor's SDK as one script that defines `vendor`. */
export async function bundleVendorSdk(): Promise<Script> {
  bundled ??= bundle();
  return bundled;
}

async function bundle(): Promise<Script> {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: fileURLToPath(new URL('../', import.meta.url)) },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'vendor',
    platform: 'browser',
    mainFields: ['browser', 'main', 'module'],
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  return new Script(outputFiles[0]?.text ?? '');
}

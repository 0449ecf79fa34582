import type { ApiPaths } from './paths.js';

/** Where a platform is and what it expects: what the presets `cognigy()` and `cxone()` return, given as `platform`. */
export interface Platform {
  /** REST base, without a trailing slash (protocol 4). */
  readonly baseUrl: string;
  /** Token endpoint (protocol 2). */
  readonly tokenUrl: string;
  /** The stream's `ws:` or `wss:` URL (protocol 5). */
  readonly streamUrl: string;
  /**
   * Where the stream's token goes: the `Authorization` header of the upgrade or the query parameter `access_token`. A
   * browser cannot set headers there; it always uses the query.
   */
  readonly streamToken: 'header' | 'query';
  /** Scope that the stream asks for (protocol 2); a refused upgrade names it. */
  readonly streamScope?: string;
  /** Replacements in the table of paths. */
  readonly paths?: Partial<Record<keyof ApiPaths, string | undefined>>;
  /** How client id and secret are sent; absent for the default of `AuthClient`. */
  readonly clientAuthentication?: 'client_secret_post' | 'client_secret_basic';
}

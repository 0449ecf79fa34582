import { ConfigurationError } from '../errors.js';
import { checkedStreamUrl, checkedUrl, parseBaseUrl, type ApiPaths, type Platform } from '../http/internal.js';
import type { Known } from '../options.js';
import { below } from './urls.js';

/** Options that all presets share. Each replaces a value of the preset. */
export interface PlatformOptions {
  /**
   * Host of all URLs, with an optional port, e.g. `assist.example.com` or `127.0.0.1:8443`. The prefix
   * `http://` turns TLS off, for local tests.
   */
  readonly host?: string | undefined;
  /** Base URL of REST calls. The token and stream URLs are derived from it. */
  readonly baseUrl?: string | URL | undefined;
  /** Full URL of the token endpoint. */
  readonly tokenUrl?: string | URL | undefined;
  /** Path of the token endpoint on the host. */
  readonly tokenPath?: string | undefined;
  /** Full URL of the stream; `http:` and `https:` become `ws:` and `wss:`. */
  readonly streamUrl?: string | URL | undefined;
  /** Where the stream's token is sent. */
  readonly streamToken?: 'header' | 'query' | undefined;
  /** Replaces individual paths of REST calls. */
  readonly paths?: Partial<Record<keyof ApiPaths, string | undefined>> | undefined;
  /** How client id and secret are sent. @defaultValue `'client_secret_post'` */
  readonly clientAuthentication?: 'client_secret_post' | 'client_secret_basic' | undefined;
}

/** Every option; the type keeps the list complete. */
export const platformOptions: Known<PlatformOptions> = {
  host: 'a string',
  baseUrl: true,
  tokenUrl: true,
  tokenPath: 'a string',
  streamUrl: true,
  streamToken: true,
  paths: 'an object',
  clientAuthentication: true,
};

/** Defaults of a platform (protocol 1). Paths are relative to the host. */
export interface PlatformDefaults {
  readonly basePath: string;
  readonly tokenPath: string;
  readonly streamPath: string;
  readonly streamToken: 'header' | 'query';
  readonly streamScope: string;
}

/**
 * Merges the options with the defaults of a platform.
 *
 * @param origin - origin of the host; unused if the options have a `baseUrl`.
 * @throws `ConfigurationError` that names the option but not its value.
 */
export function resolvePlatform(defaults: PlatformDefaults, origin: string, options: PlatformOptions): Platform {
  const { basePath } = defaults;
  const { tokenPath = defaults.tokenPath, streamToken = defaults.streamToken, paths, clientAuthentication } = options;
  const baseUrl = parseBaseUrl(options.baseUrl ?? origin + basePath, 'baseUrl');
  const baseRoot = baseUrl.endsWith(basePath) ? baseUrl.slice(0, baseUrl.length - basePath.length) : baseUrl;
  const root = options.host === undefined ? baseRoot : origin;
  if (!['header', 'query'].includes(streamToken)) throw new ConfigurationError('streamToken: expected header or query');
  return {
    baseUrl,
    tokenUrl:
      options.tokenUrl === undefined ? below(root, tokenPath, 'tokenPath') : checkedUrl(options.tokenUrl, 'tokenUrl'),
    streamUrl: checkedStreamUrl(options.streamUrl ?? root + defaults.streamPath, 'streamUrl'),
    streamToken,
    streamScope: defaults.streamScope,
    ...(paths === undefined ? {} : { paths }),
    ...(clientAuthentication === undefined ? {} : { clientAuthentication }),
  };
}

import { ConfigurationError } from '../errors.js';
import { parseBaseUrl, type ApiPaths, type Platform } from '../http/internal.js';
import { below, checkedStreamUrl, checkedUrl } from './urls.js';

/** Options that all presets share. Each replaces what the preset would say. */
export interface PlatformOptions {
  /**
   * Host of all URLs, with an optional port, e.g. `assist.example.com` or `127.0.0.1:8443`. `http://` before it turns TLS
   * off, for tests on one machine.
   */
  readonly host?: string | undefined;
  /** REST base; the token and the stream URL follow it. */
  readonly baseUrl?: string | URL | undefined;
  /** Token endpoint as a whole. */
  readonly tokenUrl?: string | URL | undefined;
  /** Path of the token endpoint on the platform's host. */
  readonly tokenPath?: string | undefined;
  /** The stream's URL as a whole; `http:` and `https:` become `ws:` and `wss:`. */
  readonly streamUrl?: string | URL | undefined;
  /** Where the stream's token goes. */
  readonly streamToken?: 'header' | 'query' | undefined;
  /** Replaces single entries of the table of paths. */
  readonly paths?: Partial<Record<keyof ApiPaths, string | undefined>> | undefined;
  /** How client id and secret are sent. Default: in the form, `client_secret_post`. */
  readonly clientAuthentication?: 'client_secret_post' | 'client_secret_basic' | undefined;
}

/** Every option; the type keeps the list complete. */
export const platformOptions: Readonly<Record<keyof PlatformOptions, true>> = {
  host: true,
  baseUrl: true,
  tokenUrl: true,
  tokenPath: true,
  streamUrl: true,
  streamToken: true,
  paths: true,
  clientAuthentication: true,
};

/** The rows of protocol 1 that tell one platform from another; paths are relative to the host. */
export interface PlatformDefaults {
  readonly basePath: string;
  readonly tokenPath: string;
  readonly streamPath: string;
  readonly streamToken: 'header' | 'query';
  readonly streamScope: string;
}

/**
 * Fills in what the options leave open.
 *
 * @param origin - of the platform's host, unless the options name a `baseUrl`.
 * @throws `ConfigurationError` that names the option and not its value.
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

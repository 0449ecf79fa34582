/**
 * What the HTTP core and the stream need of an authentication method. `AuthClient` (client credentials), `ApiKeyAuth`
 * and `StaticTokenAuth` are such; so is anything of your own with these three members.
 */
export interface AuthProvider {
  /**
   * A credential that is valid now.
   *
   * @param options.signal - ends this caller's wait only; a fetch that others share goes on.
   */
  getToken(options?: { signal?: AbortSignal | undefined }): Promise<string>;
  /** Says that the server refused this credential. Has no effect when another one is current by now. */
  invalidate(token: string): void | Promise<void>;
  /** The header that carries the credential, e.g. `['authorization', 'Bearer …']`. */
  header(token: string): readonly [name: string, value: string];
}

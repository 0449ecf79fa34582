/** The part of simple-oauth2 that the tests use; the package has no types of its own. */
declare module 'simple-oauth2' {
  interface ClientCredentialsConfig {
    readonly client: { readonly id: string; readonly secret: string };
    readonly auth: { readonly tokenHost: string; readonly tokenPath: string };
    readonly options: { readonly authorizationMethod: 'header' | 'body' };
  }
  export class ClientCredentials {
    constructor(config: ClientCredentialsConfig);
    getToken(parameters: { readonly scope: string }): Promise<{ readonly token: Readonly<Record<string, unknown>> }>;
  }
}
